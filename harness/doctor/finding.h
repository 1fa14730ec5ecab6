/* What one check of the doctor found. */
#ifndef TENK_DOCTOR_FINDING_H
#define TENK_DOCTOR_FINDING_H

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_NOTE,	/* worth knowing when results are read */
	DOCTOR_WARNING, /* results suffer, or some cannot be had */
};

struct doctor_finding {
	const char *key;   /* for JSON: "descriptors" */
	const char *title; /* for people */
	enum doctor_verdict verdict;
	char value[192];  /* what was found */
	char effect[384]; /* what it limits or distorts */
	char remedy[384]; /* what can be done; empty when ok or when nothing can */
};

void doctor_set_value(struct doctor_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Also raises the verdict. */
void doctor_set_effect(struct doctor_finding *finding, enum doctor_verdict verdict,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));
void doctor_set_remedy(struct doctor_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
