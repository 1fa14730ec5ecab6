#: title    Where the bytes of a server are
#: data     stack
#: metrics  total_bytes resident_bytes kernel_object_bytes kernel_stack_bytes page_table_bytes socket_buffer_bytes virtual_bytes
#: x        linear
#: y-title  memory of the server
#: caption  Each bar is what a server takes with its connections open, its own memory and the kernel's for it,
#: caption  as medians of the trials. What a connection costs takes four counts of them or more to tell.
#: caption  Behind the bar the whole, and address space that is only reserved.
#
# The kinds of memory of a whole server, where there are too few counts of connections for a slope.

load charts.'common-stack.gp'
