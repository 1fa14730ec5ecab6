#include "loadgen/deck.h"

/* Weights of 60 and 40 are a deck of five. */
static uint64_t find_divisor(const struct mix *mix)
{
	uint64_t divisor = 0;

	for (size_t i = 0; i < mix->count; i++)
		for (uint64_t other = mix->request[i].weight; other > 0;) {
			uint64_t rest = divisor % other;

			divisor = other;
			other = rest;
		}
	return divisor;
}

static void shuffle(struct deck *deck)
{
	uint64_t divisor = find_divisor(deck->mix);

	for (size_t i = 0; i < deck->mix->count; i++)
		deck->left[i] = deck->mix->request[i].weight / divisor;
	deck->all_left = deck->mix->weight / divisor;
}

void deck_init(struct deck *deck, const struct mix *mix, uint64_t seed)
{
	*deck = (struct deck){.mix = mix};
	random_seed(&deck->random, seed);
}

size_t deck_deal(struct deck *deck)
{
	uint64_t card;
	size_t i = 0;

	if (deck->mix->count == 1)
		return 0;
	if (deck->all_left == 0)
		shuffle(deck);
	card = random_below(&deck->random, deck->all_left--);
	while (card >= deck->left[i])
		card -= deck->left[i++];
	deck->left[i]--;
	return i;
}
