/* Words that stand for several servers. */
#include "harness/catalogue/catalogue.h"

#include <stdlib.h>
#include <string.h>

static bool is_model(const struct server_entry *entry)
{
	return server_entry_is_own(entry) && !entry->variant && !entry->label;
}

static bool is_variant(const struct server_entry *entry)
{
	return server_entry_is_own(entry) && entry->variant && !entry->label;
}

/* Those of other people that are here, as they are tuned. */
static bool is_reference(const struct server_entry *entry)
{
	return entry->manifest && !strchr(entry->name, '/') && !entry->missing && !entry->label;
}

static const struct group {
	const char *word;
	bool (*has)(const struct server_entry *entry);
} groups[] = {{"models", is_model}, {"variants", is_variant}, {"reference", is_reference}};

static const struct group *find_group(const char *word)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (strcmp(groups[i].word, word) == 0)
			return &groups[i];
	return NULL;
}

static bool contains(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

const char **catalogue_expand(const struct catalogue *catalogue, const char *const *words,
			      size_t word_count, size_t *count)
{
	const char **names = calloc(word_count + catalogue->count + 1, sizeof *names);

	*count = 0;
	for (size_t i = 0; names && i < word_count; i++) {
		const struct group *group = find_group(words[i]);

		if (!group && !contains(names, *count, words[i]))
			names[(*count)++] = words[i];
		for (size_t j = 0; group && j < catalogue->count; j++) {
			const struct server_entry *entry = &catalogue->entries[j];

			if (group->has(entry) && !contains(names, *count, entry->name))
				names[(*count)++] = entry->name;
		}
	}
	return names;
}
