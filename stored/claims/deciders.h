/* How each kind is decided: the last column of the table of kinds. Each sets the verdict in any case. */
#ifndef TENK_CLAIM_DECIDERS_H
#define TENK_CLAIM_DECIDERS_H

struct question;
struct verdict;

void claim_decide_value(const struct question *question, struct verdict *verdict);
void claim_decide_ratio(const struct question *question, struct verdict *verdict);
void claim_decide_falling(const struct question *question, struct verdict *verdict);
void claim_decide_rising(const struct question *question, struct verdict *verdict);
void claim_decide_slope(const struct question *question, struct verdict *verdict);
void claim_decide_crossover(const struct question *question, struct verdict *verdict);
void claim_decide_expected(const struct question *question, struct verdict *verdict);

#endif
