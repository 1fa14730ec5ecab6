#: title    Rate against the yardstick
#: data     ratios
#: metrics  requests_per_s
#: y-title  rate
#: caption  Within blocks, so that what the machine did falls on both. Right of 1 is more. The band
#: caption  is the smallest difference that matters; up to five blocks are dots, more an interval.
#
# The same rates as multiples of one server's.

load charts.'common-ratios.gp'
