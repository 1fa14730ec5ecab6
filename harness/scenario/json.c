/* A scenario as run.json keeps it, and back. The keys are defined in results/SCHEMA.md. */
#include "harness/scenario/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An integer where the value has no fraction, so that 5000 does not read 5000.0. */
static json_t *number_to_json(double value)
{
	if (value >= 0 && value < 0x1p53 && value == (double)(json_int_t)value)
		return json_integer((json_int_t)value);
	return json_real(value);
}

static json_t *words_to_json(char *const *words, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(array, json_string(words[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *axes_to_json(const struct scenario_part *part)
{
	json_t *array = json_array();

	for (size_t i = 0; i < part->axis_count; i++) {
		const struct axis *axis = &part->axes[i];
		json_t *values = json_array();

		for (size_t j = 0; j < axis->count; j++)
			if (json_array_append_new(values, number_to_json(axis->values[j])) < 0) {
				json_decref(values);
				values = NULL;
				break;
			}
		if (json_array_append_new(array,
					  json_pack("{s:s, s:o}", "axis", axis_at(axis->kind)->key,
						    "values", values)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* What a load has under a key; NULL: nothing is kept. */
static json_t *field_to_json(const struct field *field, const struct load *load)
{
	const char *member = (const char *)load + field->offset;
	uint64_t count = 0;
	double rate;

	if (field->kind == FIELD_RATE) {
		memcpy(&rate, member, sizeof rate);
		return rate > 0 ? number_to_json(rate) : json_null();
	}
	if (field->kind == FIELD_FLAG)
		count = *(const bool *)member;
	else
		memcpy(&count, member, sizeof count);
	if (!count && field->stored_if_set)
		return NULL;
	return field->kind == FIELD_FLAG ? json_boolean(count) : json_integer((json_int_t)count);
}

static json_t *load_to_json(const struct scenario_part *part)
{
	const struct load *load = &part->load;
	size_t count;
	const struct field *fields = scenario_load_fields(&count);
	json_t *object = json_pack("{s:s, s:s}", "method", load->method, "target", load->target);
	int status = 0;

	for (size_t i = 0; object && i < count; i++) {
		json_t *value = fields[i].stored ? field_to_json(&fields[i], load) : NULL;

		if (value)
			status |= json_object_set_new(object, fields[i].stored, value);
	}
	for (size_t i = 0; object && i < part->axis_count; i++)
		status |= json_object_set_new(object, axis_at(part->axes[i].kind)->key,
					      json_null());
	if (object && *load->share_of)
		status |= json_object_set_new(object, "share_of", json_string(load->share_of));
	if (object && *load->hosts)
		status |= json_object_set_new(object, "hosts", json_string(load->hosts));
	if (object && *load->server_host)
		status |= json_object_set_new(object, "server_host",
					      json_string(load->server_host));
	if (object && part->kind_count > 0)
		status |= json_object_set_new(object, "mix", scenario_mix_to_json(part));
	if (status == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *part_to_json(const struct scenario_part *part)
{
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:O}", "name", part->name, "title",
		part->title, "question", part->question, "servers",
		words_to_json(part->servers, part->server_count), "vary", axes_to_json(part),
		"load", part->observes ? json_null() : load_to_json(part), "trials",
		(int)part->trials, "charts", words_to_json(part->charts, part->chart_count),
		"claims", part->claims);

	if (object && part->file_count > 0)
		json_object_set_new(object, "files", scenario_files_to_json(part));
	if (object && part->backends)
		json_object_set_new(object, "backends", scenario_backends_to_json(part));
	if (object && part->ladder)
		json_object_set_new(object, "ladder", json_true());
	if (object && part->observes)
		json_object_set_new(object, "observe",
				    json_pack("{s:I}", "timeout_ns", (json_int_t)part->timeout_ns));
	return object;
}

json_t *scenario_to_json(const struct scenario *scenario)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < scenario->part_count; i++)
		if (json_array_append_new(parts, part_to_json(&scenario->parts[i])) < 0) {
			json_decref(parts);
			return NULL;
		}
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "name", scenario->name, "file",
			 scenario->file, "title", scenario->title, "question", scenario->question,
			 "quick_look", (int)scenario->quick_look, "parts", parts);
}

/* Where to write a text of the struct when its key is read. */
struct text_slot {
	const char *key;
	char **text;
};

static int texts_from_json(const json_t *object, const struct text_slot *slots, size_t count,
			   struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_object_get(object, slots[i].key));

		if (!text)
			return error_set(error, "\"%s\" is no text", slots[i].key);
		*slots[i].text = strdup(text);
		if (!*slots[i].text)
			return error_set(error, "%s", strerror(ENOMEM));
	}
	return 0;
}

static int words_from_json(const json_t *object, const char *key, char ***words, size_t *count,
			   struct error *error)
{
	const json_t *array = json_object_get(object, key);
	size_t length = json_array_size(array);

	if (!json_is_array(array) || length == 0)
		return error_set(error, "\"%s\" is no list", key);
	*words = calloc(length, sizeof **words);
	if (!*words)
		return error_set(error, "%s", strerror(ENOMEM));
	*count = length;
	for (size_t i = 0; i < length; i++) {
		const char *word = json_string_value(json_array_get(array, i));

		if (!word)
			return error_set(error, "\"%s\" holds something that is no text", key);
		(*words)[i] = strdup(word);
		if (!(*words)[i])
			return error_set(error, "%s", strerror(ENOMEM));
	}
	return 0;
}

static int axis_from_json(struct axis *axis, const json_t *object, struct error *error)
{
	const char *name = json_string_value(json_object_get(object, "axis"));
	const json_t *values = json_object_get(object, "values");
	size_t count = json_array_size(values);

	axis->kind = name ? axis_find(name) : AXIS_COUNT;
	if (axis->kind == AXIS_COUNT || count == 0)
		return error_set(error,
				 "\"vary\" holds an axis that is not known or has no values");
	axis->values = calloc(count, sizeof *axis->values);
	if (!axis->values)
		return error_set(error, "%s", strerror(ENOMEM));
	axis->count = count;
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(values, i);
		const struct field *field = scenario_axis_field(axis->kind);

		axis->values[i] = json_number_value(value);
		if (!json_is_number(value) || !(axis->values[i] >= field->lowest) ||
		    !(axis->values[i] <= field->highest))
			return error_set(error, "a value of \"%s\" is not possible", name);
	}
	return 0;
}

static int axes_from_json(struct scenario_part *part, const json_t *array, struct error *error)
{
	int code = 0;

	if (!json_is_array(array) || json_array_size(array) > AXIS_COUNT)
		return error_set(error, "\"vary\" is no list of axes");
	for (size_t i = 0; code == 0 && i < json_array_size(array); i++)
		code = axis_from_json(&part->axes[part->axis_count++], json_array_get(array, i),
				      error);
	return code;
}

static int load_text(const json_t *object, const char *key, char *out, size_t size,
		     struct error *error)
{
	const char *text = json_string_value(json_object_get(object, key));
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length >= size)
		return error_set(error, "\"%s\" of \"load\" is no text that fits", key);
	memcpy(out, text, length + 1);
	return 0;
}

/* A number that is not negative; null, which stands for a varied value, leaves it 0. */
static int field_from_json(const struct field *field, const json_t *value, struct load *load,
			   struct error *error)
{
	bool rate = field->kind == FIELD_RATE;

	if (field->kind == FIELD_FLAG) {
		*(bool *)((char *)load + field->offset) = json_is_true(value);
		return 0;
	}
	if (json_is_null(value) || (!value && field->stored_if_set))
		return 0;
	if (!(rate ? json_is_number(value) : json_is_integer(value)) ||
	    json_number_value(value) < 0)
		return error_set(error, "\"%s\" of \"load\" is no %s", field->stored,
				 rate ? "rate" : "count");
	if (rate)
		schema_set(field, json_number_value(value), load);
	else
		*(uint64_t *)(void *)((char *)load + field->offset) =
			(uint64_t)json_integer_value(value);
	return 0;
}

static int load_from_json(struct load *load, const json_t *object, struct error *error)
{
	size_t count;
	const struct field *fields = scenario_load_fields(&count);
	int code = load_text(object, "method", load->method, sizeof load->method, error);

	if (code == 0)
		code = load_text(object, "target", load->target, sizeof load->target, error);
	if (code == 0 && json_object_get(object, "hosts"))
		code = load_text(object, "hosts", load->hosts, sizeof load->hosts, error);
	if (code == 0 && json_object_get(object, "server_host"))
		code = load_text(object, "server_host", load->server_host, sizeof load->server_host,
				 error);
	if (code == 0 && json_object_get(object, "share_of"))
		code = load_text(object, "share_of", load->share_of, sizeof load->share_of, error);
	for (size_t i = 0; code == 0 && i < count; i++)
		if (fields[i].stored)
			code = field_from_json(
				&fields[i], json_object_get(object, fields[i].stored), load, error);
	return code;
}

static int part_from_json(struct scenario_part *part, const json_t *object, struct error *error)
{
	const struct text_slot texts[] = {
		{"name", &part->name}, {"title", &part->title}, {"question", &part->question}};
	const json_t *trials = json_object_get(object, "trials");
	const json_t *claims = json_object_get(object, "claims");
	const json_t *observe = json_object_get(object, "observe");
	int code = texts_from_json(object, texts, FIELDS_COUNT(texts), error);

	if (code == 0)
		code = words_from_json(object, "servers", &part->servers, &part->server_count,
				       error);
	part->observes = observe != NULL;
	part->timeout_ns = (uint64_t)json_integer_value(json_object_get(observe, "timeout_ns"));
	if (code == 0 && !observe)
		code = words_from_json(object, "charts", &part->charts, &part->chart_count, error);
	if (code == 0)
		code = axes_from_json(part, json_object_get(object, "vary"), error);
	if (code == 0 && !observe)
		code = load_from_json(&part->load, json_object_get(object, "load"), error);
	if (code == 0)
		code = scenario_mix_from_json(
			part, json_object_get(json_object_get(object, "load"), "mix"), error);
	if (code == 0)
		code = scenario_files_from_json(part, json_object_get(object, "files"), error);
	if (code == 0)
		code = scenario_backends_from_json(part, json_object_get(object, "backends"),
						   error);
	if (code < 0)
		return code;
	if (!json_is_integer(trials) || json_integer_value(trials) < 1 ||
	    json_integer_value(trials) > 10000)
		return error_set(error, "\"trials\" is no count");
	part->trials = (unsigned)json_integer_value(trials);
	part->ladder = json_is_true(json_object_get(object, "ladder"));
	if (!json_is_array(claims))
		return error_set(error, "\"claims\" is no list");
	part->claims = json_deep_copy(claims);
	return part->claims ? 0 : error_set(error, "%s", strerror(ENOMEM));
}

int scenario_from_json(struct scenario *scenario, const json_t *json, struct error *error)
{
	const struct text_slot texts[] = {{"name", &scenario->name},
					  {"file", &scenario->file},
					  {"title", &scenario->title},
					  {"question", &scenario->question}};
	const json_t *parts = json_object_get(json, "parts");
	int code;

	*scenario = (struct scenario){0};
	code = texts_from_json(json, texts, FIELDS_COUNT(texts), error);
	scenario->quick_look = json_is_true(json_object_get(json, "quick_look"));
	if (code == 0 && json_array_size(parts) == 0)
		code = error_set(error, "\"parts\" is no list");
	if (code == 0) {
		scenario->parts = calloc(json_array_size(parts), sizeof *scenario->parts);
		code = scenario->parts ? 0 : error_set(error, "%s", strerror(ENOMEM));
	}
	for (size_t i = 0; code == 0 && i < json_array_size(parts); i++) {
		scenario->part_count++;
		code = part_from_json(&scenario->parts[i], json_array_get(parts, i), error);
		if (code < 0)
			error_prefix(error, "part %zu", i + 1);
	}
	if (code < 0) {
		error_prefix(error, "the scenario in run.json cannot be used");
		scenario_destroy(scenario);
	}
	return code;
}
