/* What a server holds in memory, and what of it a connection costs: the slopes. */
#include "harness/measure/metrics_parts.h"

#include <math.h>

#define OF_SERVER(name, sample)                         \
	static double name(const struct observation *o) \
	{                                               \
		return o->has_memory ? o->sample : NAN; \
	}
OF_SERVER(virtual_bytes, memory.virtual_bytes)
OF_SERVER(resident_bytes, memory.resident_bytes)
OF_SERVER(collected_resident_bytes, collected.resident_bytes)
OF_SERVER(proportional_bytes, memory.proportional_bytes)
OF_SERVER(processes, memory.processes)

static double threads(const struct observation *o)
{
	return o->has_memory ? fmax(o->memory.threads, o->most_threads) : NAN;
}

#define OF_GROUP(name, group, field)                                          \
	static double name(const struct observation *o)                       \
	{                                                                     \
		return o->has_memory && !o->no_groups ? o->group.field : NAN; \
	}
OF_GROUP(total_bytes, server_group, total)
OF_GROUP(collected_total_bytes, collected_group, total)
OF_GROUP(file_page_bytes, server_group, files)
OF_GROUP(socket_buffer_bytes, server_group, sockets)
OF_GROUP(kernel_stack_bytes, server_group, stacks)
OF_GROUP(page_table_bytes, server_group, page_tables)
OF_GROUP(kernel_object_bytes, server_group, objects)
OF_GROUP(kernel_charged_bytes, server_group, kernel)
/* The generator has a group of its own also where the server has none; NAN without. */
OF_SERVER(load_kernel_bytes, load_group.kernel)
OF_SERVER(load_total_bytes, load_group.total)

/* Where the kernel does not count its own share, it is what is not the processes'. */
static double kernel_bytes(const struct observation *o)
{
	double charged = kernel_charged_bytes(o);

	return isnan(charged) ? total_bytes(o) - resident_bytes(o) : charged;
}

static double kernel_both_ends_bytes(const struct observation *o)
{
	return o->has_memory ? o->kernel_then.bytes - o->kernel_before.bytes : NAN;
}

/* Where one is not, the trial has failed, and counts for nothing. */
static double connections_held(const struct observation *o)
{
	return o->has_memory ? (double)o->planned->load.connections : NAN;
}

/* Of those of this load alone, so that it needs no ladder; with what they made the server keep for good. */
static double added_per_connection_bytes(const struct observation *o)
{
	if (!o->has_rest)
		return NAN;
	return (o->rested.written_bytes - o->unloaded.written_bytes) /
	       (double)o->planned->load.connections;
}

#define NO_SLABS "/proc/slabinfo may be read by root only"
#define NO_REST	 "it did not collect its garbage and come to rest within 5 s"

#define SLAB(name, kind)                                                                         \
	static double name(const struct observation *o)                                          \
	{                                                                                        \
		return o->has_memory ? o->kernel_then.slabs[kind] - o->kernel_before.slabs[kind] \
				     : NAN;                                                      \
	}
SLAB(slab_socket_bytes, SLAB_SOCKETS)
SLAB(slab_inode_bytes, SLAB_INODES)
SLAB(slab_file_bytes, SLAB_FILES)
SLAB(slab_event_bytes, SLAB_EVENTS)
SLAB(slab_task_bytes, SLAB_TASKS)

/*
 * What the whole machine's kernel grew by that was charged to neither end. Buffers of sockets are
 * charged, but in none of what is summed up of /proc/meminfo; of busy connections they change meanwhile.
 */
static double kernel_unaccounted_bytes(const struct observation *o)
{
	double charged = kernel_charged_bytes(o) - o->server_group.sockets + load_kernel_bytes(o) -
			 o->load_group.sockets;

	return kernel_both_ends_bytes(o) - charged;
}

/* A few pages more or less are the allocator's and the stack's doing: so much of 64 connections are eight. */
#define ADDED_SMALLEST 512

/* clang-format off */
static const struct metric rows[] = {
	{"virtual_bytes", "Virtual memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = virtual_bytes},
	{"resident_bytes", "Resident memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = resident_bytes},
	{"proportional_bytes", "Resident memory, shared pages in part", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = proportional_bytes},
	{"kernel_bytes", "Kernel memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_bytes, .of_group = true},
	{"total_bytes", "Total memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = total_bytes, .of_group = true},
	{"file_page_bytes", "Pages of files", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = file_page_bytes, .of_group = true},
	{"collected_resident_bytes", "Resident memory, garbage collected", "bytes", "lower", "memory", false, TO_COLLECTED,
	 .value = collected_resident_bytes, .missing = NO_REST},
	{"collected_total_bytes", "Total memory, garbage collected", "bytes", "lower", "memory", false, TO_COLLECTED,
	 .value = collected_total_bytes, .of_group = true, .missing = NO_REST},
	{"kernel_object_bytes", "Kernel memory: sockets, files, tasks", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_object_bytes, .of_group = true},
	{"kernel_stack_bytes", "Kernel memory: stacks of threads", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_stack_bytes, .of_group = true},
	{"page_table_bytes", "Kernel memory: page tables", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = page_table_bytes, .of_group = true},
	{"socket_buffer_bytes", "Kernel memory: socket buffers", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = socket_buffer_bytes, .of_group = true},
	{"load_kernel_bytes", "Generator's kernel memory", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = load_kernel_bytes, .of_group = true},
	{"load_total_bytes", "Generator's total memory", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = load_total_bytes, .of_group = true},
	{"kernel_both_ends_bytes", "Kernel memory, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = kernel_both_ends_bytes},
	{"slab_socket_bytes", "TCP sockets, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = slab_socket_bytes, .missing = NO_SLABS},
	{"slab_inode_bytes", "Sockets' inodes, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = slab_inode_bytes, .missing = NO_SLABS},
	{"slab_file_bytes", "Open files and entries, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = slab_file_bytes, .missing = NO_SLABS},
	{"slab_event_bytes", "epoll's items, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = slab_event_bytes, .missing = NO_SLABS},
	{"slab_task_bytes", "Threads and mappings, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = slab_task_bytes, .missing = NO_SLABS},
	{"kernel_unaccounted_bytes", "Kernel memory in no group", "bytes", "none", "memory", false, TO_IDLE,
	 .value = kernel_unaccounted_bytes, .of_group = true},
	{"connections_held", "Connections held", "count", "higher", "memory", false, TO_IDLE,
	 .value = connections_held, .compared_by = "ratio", .smallest_difference = 0.02},
	{"most_connections_held", "Connections held at most", "count", "higher", "memory", false, 0,
	 .slope_of = "connections_held", .most = true, .compared_by = "ratio", .smallest_difference = 0.02},
	{"threads", "Threads at most", "count", "none", "memory", false, TO_MEMORY, .value = threads},
	{"processes", "Processes at most", "count", "none", "memory", false, TO_MEMORY, .value = processes},
	{"added_per_connection_bytes", "Memory added by a connection", "bytes", "lower", "memory", true, TO_RESTED,
	 .value = added_per_connection_bytes, .missing = "the server's memory may not be read, or it ended",
	 .smallest_absolute = ADDED_SMALLEST},
	{"virtual_per_connection_bytes", "Virtual memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "virtual_bytes"},
	{"resident_per_connection_bytes", "Resident memory per connection", "bytes", "lower", "memory", true, 0,
	 .slope_of = "resident_bytes"},
	{"proportional_per_connection_bytes", "Resident memory per connection, shared pages in part", "bytes", "lower", "memory", false, 0,
	 .slope_of = "proportional_bytes"},
	{"kernel_per_connection_bytes", "Kernel memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_bytes", .of_group = true},
	{"total_per_connection_bytes", "Total memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "total_bytes", .of_group = true},
	{"collected_resident_per_connection_bytes", "Resident memory per connection, garbage collected", "bytes", "lower", "memory", false, 0,
	 .slope_of = "collected_resident_bytes"},
	{"collected_total_per_connection_bytes", "Total memory per connection, garbage collected", "bytes", "lower", "memory", false, 0,
	 .slope_of = "collected_total_bytes", .of_group = true},
	{"kernel_object_per_connection_bytes", "Sockets, files, tasks per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_object_bytes", .of_group = true},
	{"kernel_stack_per_connection_bytes", "Kernel's stacks per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_stack_bytes", .of_group = true},
	{"page_table_per_connection_bytes", "Page tables per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "page_table_bytes", .of_group = true},
	{"socket_buffer_per_connection_bytes", "Socket buffers per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "socket_buffer_bytes", .of_group = true},
	{"load_kernel_per_connection_bytes", "Generator's kernel memory per connection", "bytes", "none", "memory", false, 0,
	 .slope_of = "load_kernel_bytes", .of_group = true},
	{"load_total_per_connection_bytes", "Generator's memory per connection", "bytes", "none", "memory", false, 0,
	 .slope_of = "load_total_bytes", .of_group = true},
	{"kernel_both_ends_per_connection_bytes", "Kernel memory per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "kernel_both_ends_bytes"},
	{"kernel_unaccounted_per_connection_bytes", "Kernel memory per connection in no group", "bytes", "none", "memory", false, 0,
	 .slope_of = "kernel_unaccounted_bytes", .of_group = true},
	{"slab_socket_per_connection_bytes", "TCP sockets per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "slab_socket_bytes"},
	{"slab_inode_per_connection_bytes", "Sockets' inodes per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "slab_inode_bytes"},
	{"slab_file_per_connection_bytes", "Open files and entries per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "slab_file_bytes"},
	{"slab_event_per_connection_bytes", "epoll's items per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "slab_event_bytes"},
	{"slab_task_per_connection_bytes", "Threads and mappings per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "slab_task_bytes"},
};
/* clang-format on */

const struct metric_rows metrics_of_memory = {rows, sizeof rows / sizeof *rows};
