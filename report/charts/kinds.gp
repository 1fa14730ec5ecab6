#: title    Response times of the requests of one kind
#: data     axis
#: metrics  latency_p99_ns@ latency_p50_ns@
#: y        log
#: y-title  response time
#: caption  Lines join the medians of the trials' p99 and, thin and dotted with hollow marks, of their p50:
#: caption  half of the requests of this kind took no longer than that, and one in a hundred longer
#: caption  than the upper line. Up to five trials are dots, more an interval.
#
# What the other kinds of a mix do to the requests of one. A chart for each kind.

load charts.'common-axis.gp'
