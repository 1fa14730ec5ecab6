#: title    CPU time of one request
#: data     axis
#: metrics  server_cpu_per_request_ns load_cpu_per_request_ns
#: y-title  CPU time per request
#: caption  Thick lines: the server. Thin dotted lines with hollow marks: the generator while it
#: caption  loaded that server. On loopback the kernel charges receive processing to whoever
#: caption  sends, so read both. Up to five trials are dots, more an interval.
#
# What a request costs the server, with what it cost the generator beside it.

load charts.'common-axis.gp'
