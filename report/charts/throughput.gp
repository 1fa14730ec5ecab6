#: title    Requests answered each second
#: data     axis
#: metrics  requests_per_s
#: y-title  requests per second
#: caption  A panel for each family, with the yardstick in grey in each. Up to five trials are dots,
#: caption  more an interval; lines join their medians. A hollow mark with an arrow is a lower bound,
#: caption  joined to nothing: the server was not driven to its limit.
#
# How much a server answers as the number of connections grows. A closed loop: what is found is
# the rate at so many connections, a maximum only where the server's cores were busy.

load charts.'common-axis.gp'
