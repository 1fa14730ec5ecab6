/* /query/ID: a row of a database by its key (database.h). */
#include "servers/core/tasks/database/database.h"
#include "servers/core/tasks/kinds.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct query_task {
	struct task task; /* first */
	struct database_query query;
};

static struct query_task *query_of(struct task *task)
{
	struct query_task *own = (struct query_task *)task;

	own->query.id = (int32_t)task->numbers[0];
	return own;
}

static void conclude(struct query_task *own)
{
	if (own->query.outcome == DATABASE_FAILED)
		task_fail(&own->task, 503, own->query.reason);
}

static void run(struct task *task)
{
	struct database_threads *threads = task_tool(task);
	struct query_task *own = query_of(task);

	if (!threads)
		return;
	database_threads_ask(threads, &own->query);
	conclude(own);
}

static void answered(struct database_query *query)
{
	struct query_task *own = LIST_ENTRY(query, struct query_task, query);

	conclude(own);
	task_end(&own->task);
}

static enum task_started start(struct task *task)
{
	struct database_loop *database = task_tool(task);
	struct query_task *own = query_of(task);

	if (!database)
		return TASK_ENDED;
	own->query.answered = answered;
	if (database_loop_ask(database, &own->query))
		return TASK_RUNS;
	conclude(own);
	return TASK_ENDED;
}

static void cancel(struct task *task)
{
	database_loop_forget(task_tool(task), &query_of(task)->query);
}

static void answer(const struct task *task, struct reply *reply)
{
	const struct database_query *query = &((const struct query_task *)task)->query;
	char *text = reply->text;

	if (query->outcome == DATABASE_NOT_FOUND) {
		reply_status(reply, 404);
		return;
	}
	if (query->length > REPLY_TEXT_BYTES)
		text = malloc(query->length);
	if (!text) {
		reply_failure(reply, 503, "no memory for the row");
		return;
	}
	memcpy(text, query->text, query->length);
	if (text == reply->text)
		reply_bytes(reply, "application/json", text, query->length);
	else
		reply_own(reply, "application/json", text, query->length);
}

static void destroy(struct task *task)
{
	database_query_destroy(&query_of(task)->query);
}

/* A loop has its share of the connections; threads of a process, all of them. */
static int open_tool(struct task_tools *tools, void **own)
{
	*own = tools->services
		       ? (void *)database_loop_open(tools->services, tools->loop, database_share())
		       : (void *)database_threads_open();
	return *own ? 0 : -ENOMEM;
}

static void close_tool(struct task_tools *tools, void *own)
{
	if (tools->services)
		database_loop_close(own);
	else
		database_threads_close(own);
}

const struct task_kind task_query = {
	.name = "query",
	.route = "/query/ID",
	.most = {INT32_MAX},
	.bytes = sizeof(struct query_task),
	.run = run,
	.start = start,
	.cancel = cancel,
	.answer = answer,
	.destroy = destroy,
	.open_tool = open_tool,
	.close_tool = close_tool,
	.is_offered = database_is_open,
};
