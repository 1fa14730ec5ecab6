#include "servers/core/tasks/queue.h"

void queue_init(struct queue *queue)
{
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
	queue->first = NULL;
	queue->last = &queue->first;
}

void queue_put(struct queue *queue, struct queue_place *place)
{
	place->behind = NULL;
	pthread_mutex_lock(&queue->lock);
	*queue->last = place;
	queue->last = &place->behind;
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_signal(&queue->filled);
}

/* Takes out what *link shows. Under the lock. */
static void unlink_place(struct queue *queue, struct queue_place **link)
{
	struct queue_place *behind = (*link)->behind;

	if (!behind)
		queue->last = link;
	*link = behind;
}

struct queue_place *queue_take(struct queue *queue)
{
	struct queue_place *place;

	pthread_mutex_lock(&queue->lock);
	while (!queue->first)
		pthread_cond_wait(&queue->filled, &queue->lock);
	place = queue->first;
	unlink_place(queue, &queue->first);
	pthread_mutex_unlock(&queue->lock);
	return place;
}

bool queue_take_back(struct queue *queue, const struct queue_place *place)
{
	struct queue_place **link = &queue->first;
	bool found;

	pthread_mutex_lock(&queue->lock);
	while (*link && *link != place)
		link = &(*link)->behind;
	found = *link != NULL;
	if (found)
		unlink_place(queue, link);
	pthread_mutex_unlock(&queue->lock);
	return found;
}
