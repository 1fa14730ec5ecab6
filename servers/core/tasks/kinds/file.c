/*
 * /file/NAME: a file of the folder that --files names.
 *
 * Opened here and sent by the model where that can send from a descriptor; else this is asked for again
 * whenever a piece has been sent, and reads the next one. With workers they open and read, so
 * that a disk that is slow keeps nobody waiting but who asked.
 */
#include "servers/core/tasks/kinds/file_served.h"

#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <string.h>

struct file_task {
	struct task task;
	struct served_file *file; /* NULL: it is still to be opened */
	char name[FILE_NAME_MOST + 1];
};

static bool is_offered(void)
{
	return file_folder_descriptor() >= 0;
}

static bool take_request(struct task *task, struct task_request *asked)
{
	struct file_task *file_task = (struct file_task *)task;

	file_task->file = asked->file;
	if (asked->file) {
		asked->file->is_asked_for = false;
		asked->file = NULL;
		return true;
	}
	if (!served_file_may_be(asked->text, asked->text_length))
		return false;
	memcpy(file_task->name, asked->text, asked->text_length);
	return true;
}

static bool open_file(struct file_task *file_task)
{
	struct task *task = &file_task->task;
	bool in_pieces = !task->tools || !task->tools->sends_files;
	int failure;

	file_task->file = served_file_open(file_task->name, in_pieces, &failure);
	if (file_task->file && !task->tools)
		file_task->file->workers = task->owner;
	if (file_task->file)
		return true;
	if (failure == -ENOENT)
		task_fail(task, 404, NULL);
	else
		task_fail(task, 503,
			  failure == -ENOMEM ? "no memory for the file"
					     : "no descriptor for the file");
	return false;
}

static void run(struct task *task)
{
	struct file_task *file_task = (struct file_task *)task;

	if (!file_task->file && !open_file(file_task))
		return;
	if (file_task->file->in_pieces && served_file_read(file_task->file) < 0)
		task_fail(task, 500, "the file cannot be read");
}

static void answer(const struct task *task, struct reply *reply)
{
	struct served_file *file = ((const struct file_task *)task)->file;

	reply_bytes(reply, "application/octet-stream", NULL, file->length);
	reply->body = REPLY_FILE;
	reply->task.file = file;
	file->is_asked_for = true;
}

static void destroy(struct task *task)
{
	struct served_file *file = ((struct file_task *)task)->file;

	if (file && !file->is_asked_for)
		served_file_free(file);
}

const struct task_kind task_file = {
	.name = "file",
	.route = "/file/NAME",
	.offloadable = true,
	.bytes = sizeof(struct file_task),
	.read = take_request,
	.run = run,
	.answer = answer,
	.destroy = destroy,
	.is_offered = is_offered,
};
