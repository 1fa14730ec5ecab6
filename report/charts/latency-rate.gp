#: title    Response time against the offered rate
#: data     axis
#: along    share_percent rate_per_s
#: metrics  latency_p99_ns latency_p50_ns
#: x        linear
#: y        log
#: y-title  response time
#: caption  Thick lines: p99, which one request in a hundred exceeds. Thin dotted ones with hollow marks:
#: caption  p50. A line ends with a cross where less than 99 % of what was offered is answered.
#
# The hockey stick: a server answers at once, until it is swamped.

load charts.'common-axis.gp'
