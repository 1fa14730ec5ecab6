#: title    Where the bytes of a connection are
#: data     stack
#: metrics  total_per_connection_bytes resident_per_connection_bytes kernel_object_per_connection_bytes kernel_stack_per_connection_bytes page_table_per_connection_bytes socket_buffer_per_connection_bytes virtual_per_connection_bytes
#: x        linear
#: y-title  memory of one connection
#: caption  Each bar is what one connection costs in memory, the server's own and the kernel's for
#: caption  it, as medians of slopes over the counts of connections. Behind it the whole, and address
#: caption  space that is only reserved. Dots are the wholes of up to five blocks, more an interval.
#
# The kinds of memory of one connection, end to end.

load charts.'common-stack.gp'
