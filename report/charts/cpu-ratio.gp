#: title    CPU time of one request against the yardstick
#: data     ratios
#: metrics  server_cpu_per_request_ns
#: y-title  CPU time of the server per request
#: caption  The server's own, within blocks, so that what the machine did falls on both. Left of 1 is leaner.
#: caption  On loopback the kernel charges receive processing to whoever sends: the table has both
#: caption  ends together, too. The band is the smallest difference that matters; up to five blocks
#: caption  are dots, more an interval.
#
# What a request costs a server, as multiples of one server's.

load charts.'common-ratios.gp'
