#: title    CPU time of one request against the yardstick
#: data     ratios
#: metrics  total_cpu_per_request_ns
#: y-title  CPU time of both sides per request
#: caption  Server and generator together, within blocks, so that what the machine did falls on both.
#: caption  Left of 1 is leaner. The band is the smallest difference that matters; up to five blocks
#: caption  are dots, more an interval.
#
# What a request costs in all, as multiples of one server's.

load charts.'common-ratios.gp'
