#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of each size: enough for what runs at the same time in most loops. */
enum { SPARE_MOST = 128 };

void task_tools_init(struct task_tools *tools, const struct loop_services *services, void *loop)
{
	*tools = (struct task_tools){.services = services, .loop = loop};
	pthread_mutex_init(&tools->lock, NULL);
}

int task_tools_submit(struct task_tools *tools, struct offload_job *job)
{
	if (tools->services->offload)
		return tools->services->offload(tools->loop, job);
	if (!tools->mailbox)
		return -ECANCELED;
	offload_submit(tools->mailbox, job);
	return 0;
}

static void mail_came(struct loop_watch *mail, unsigned events)
{
	struct task_tools *tools =
		(struct task_tools *)((char *)mail - offsetof(struct task_tools, mail));

	(void)events;
	mailbox_empty(tools->mailbox);
}

int task_tools_open_mail(struct task_tools *tools, struct mailbox *mailbox)
{
	int result;

	if (!mailbox)
		return 0;
	if (!tools->services->watch_start)
		return -ENOTSUP;
	tools->mail.fd = mailbox_descriptor(mailbox);
	tools->mail.interest = LOOP_IN;
	tools->mail.ready = mail_came;
	result = tools->services->watch_start(tools->loop, &tools->mail);
	if (result == 0)
		tools->mailbox = mailbox;
	return result;
}

void task_tools_close(struct task_tools *tools)
{
	for (size_t i = 0; task_kinds[i]; i++)
		if (tools->kept[i].opened && task_kinds[i]->close_tool)
			task_kinds[i]->close_tool(tools, tools->kept[i].own);
	memset(tools->kept, 0, sizeof tools->kept);
	if (tools->mailbox) {
		mailbox_empty(tools->mailbox); /* which was given up, or it would still run */
		tools->services->watch_stop(tools->loop, &tools->mail);
		tools->mailbox = NULL;
	}
	for (size_t i = 0; i < TASK_STATE_SIZES; i++) {
		while (tools->spare[i].first) {
			struct task *task = tools->spare[i].first;

			tools->spare[i].first = task->next;
			free(task);
		}
		tools->spare[i].count = 0;
	}
}

static size_t place_of(const struct task_kind *kind)
{
	size_t i = 0;

	while (task_kinds[i] != kind)
		i++;
	return i;
}

void *task_tool(struct task *task)
{
	struct task_tools *tools = task->tools;
	size_t place = place_of(task->kind);
	void *own = NULL;

	pthread_mutex_lock(&tools->lock);
	if (!tools->kept[place].opened)
		tools->kept[place].opened = task->kind->open_tool(tools, &tools->kept[place].own) ==
					    0;
	if (tools->kept[place].opened)
		own = tools->kept[place].own;
	pthread_mutex_unlock(&tools->lock);
	if (!own)
		task_fail(task, 503, "no memory or descriptors for what it needs");
	return own;
}

static size_t size_of(size_t bytes)
{
	return (bytes - 1) / TASK_STATE_STEP;
}

struct task *task_tools_take(struct task_tools *tools, size_t bytes)
{
	size_t size = size_of(bytes);
	struct task *task = tools->spare[size].first;

	if (!task)
		return calloc(1, (size + 1) * TASK_STATE_STEP);
	tools->spare[size].first = task->next;
	tools->spare[size].count--;
	memset(task, 0, bytes);
	return task;
}

void task_tools_give(struct task_tools *tools, struct task *task, size_t bytes)
{
	size_t size = size_of(bytes);

	if (tools->spare[size].count == SPARE_MOST) {
		free(task);
		return;
	}
	task->next = tools->spare[size].first;
	tools->spare[size].first = task;
	tools->spare[size].count++;
}
