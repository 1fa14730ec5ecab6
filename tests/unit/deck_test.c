#include "loadgen/deck.h"

#include <criterion/criterion.h>
#include <string.h>

static struct mix mix;
static struct deck deck;

static void weigh(size_t count, const uint64_t *weights, uint64_t seed)
{
	mix = (struct mix){.count = count};
	for (size_t i = 0; i < count; i++) {
		mix.request[i].weight = weights[i];
		mix.weight += weights[i];
	}
	deck_init(&deck, &mix, seed);
}

Test(deck, shares_of_every_deck_are_exact)
{
	static const uint64_t weights[] = {95, 4, 1};

	weigh(3, weights, 7);
	for (int dealt = 0; dealt < 50; dealt++) {
		size_t chosen[3] = {0};

		for (int i = 0; i < 100; i++)
			chosen[deck_deal(&deck)]++;
		for (size_t i = 0; i < 3; i++)
			cr_assert_eq(chosen[i], weights[i]);
	}
}

Test(deck, it_is_no_larger_than_its_weights_ask_for)
{
	static const uint64_t weights[] = {600000000, 400000000};

	weigh(2, weights, 1);
	for (int dealt = 0; dealt < 50; dealt++) {
		size_t chosen[2] = {0};

		for (int i = 0; i < 5; i++)
			chosen[deck_deal(&deck)]++;
		cr_assert_eq(chosen[0], 3);
	}
}

/* Places of the one in a hundred, in 2,000 decks. */
Test(deck, what_is_rare_comes_at_any_place_of_it)
{
	static const uint64_t weights[] = {99, 1};
	size_t first_half = 0, neighbours = 0, last = 1000;

	weigh(2, weights, 3);
	for (size_t i = 0; i < 200000; i++) {
		if (deck_deal(&deck) != 1)
			continue;
		first_half += i % 100 < 50;
		neighbours += i - last <= 10;
		last = i;
	}
	/* 1,000 expected, with a standard deviation of 22; and 11 of 2,000 within ten of each other. */
	cr_assert_gt(first_half, 890);
	cr_assert_lt(first_half, 1110);
	cr_assert_gt(neighbours, 0, "they may come close together");
	cr_assert_lt(neighbours, 40);
}

Test(deck, the_same_seed_deals_the_same)
{
	static const uint64_t weights[] = {3, 5, 7};
	size_t dealt[300], differ = 0;

	weigh(3, weights, 11);
	for (size_t i = 0; i < 300; i++)
		dealt[i] = deck_deal(&deck);
	weigh(3, weights, 11);
	for (size_t i = 0; i < 300; i++)
		cr_assert_eq(deck_deal(&deck), dealt[i]);
	weigh(3, weights, 12);
	for (size_t i = 0; i < 300; i++)
		differ += deck_deal(&deck) != dealt[i];
	cr_assert_gt(differ, 0);
}
