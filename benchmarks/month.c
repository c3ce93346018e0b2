/* The month in plain C: the yardstick that the compiled ensemble is measured against.
 *
 * Same rules, same draws (Philox4x32-10), same exp and log, same order of every sum: the outcomes are
 * compared to the bit. What differs is what someone who writes C for speed would do: arrays by field, steps
 * of one pair in one loop, draws and exponentials of many pairs in loops of their own, which the compiler
 * turns into vector instructions. It knows only partnerships whose pairs are all known from the start.
 *
 * layout.h is written by month_in_c.py from the package's own records: struct parameters, levers, given,
 * tie and entry, and the numbers of levers, outcomes and movers.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "layout.h"

enum { ROW = 64, MOST = 2016, NOBODY_LOW = 0 };
#define NOBODY 0xFFFFFFFFull
#define START 0xFFFFull
#define EACH(i, n) for (int i = 0; i < (n); i++)

typedef struct {
    int64_t id, sector, statutory;
    double capacity, x, y, mandate, disposition, view, expectation, accountability;
    double courage, systems, resting_courage, resting_systems;
} organisation;

typedef struct {
    double room, pull, weight, met, promised, kept, alignment, peers, net;
    int left;
} flow_t;

typedef struct {
    double meetings, joint, commitments, deliveries, value, spent, stake, leads, leader_pay;
} tally_t;

/* One world: pairs by field, organisations as records (all of one is wanted together). */
typedef struct {
    int n, pairs, stale;
    uint64_t seed, world, luck, month;
    organisation org[ROW], open[ROW];
    flow_t flow[ROW];
    struct levers lever[ROW];
    tally_t tally;
    int lower[MOST], higher[MOST], between[ROW][ROW];
    uint64_t lower_id[MOST], higher_id[MOST];
    double same[MOST], contact[MOST], tension[MOST], distance[MOST];
    double kept[2][MOST], broken[2][MOST], understanding[2][MOST];
    double trust[2][MOST], as_if[2][MOST];
    double open_contact[MOST], open_kept[2][MOST], open_broken[2][MOST];
    /* of the pairs that met, in order */
    int met[MOST], count, leader[MOST];
    uint64_t id_a[MOST], id_b[MOST];
    double draws[4][MOST], named[MOST], safe[MOST], tie[MOST], lead[4][MOST], act[4][MOST];
    double align[MOST], gain[MOST], stake[MOST], worth[2][MOST];
    /* of those who choose second, and whether anybody moves first */
    double believed[MOST], counted[MOST], risk[MOST], cost[MOST], burden[MOST], leads[MOST];
} world_t;

static inline double least(double a, double b) { return b < a ? b : a; }
static inline double most(double a, double b) { return b > a ? b : a; }
static inline double clipped(double x) { return least(1.0, most(0.0, x)); }

static inline double uniform(uint64_t word)
{
    uint64_t bits = word | 0x4330000000000000ull; /* 2^52 + word, exactly */
    double d;
    memcpy(&d, &bits, 8);
    return ((d - 4503599627370496.0) + 0.5) * 2.3283064365386963e-10;
}

#define ROUND                                                          \
    {                                                                  \
        uint64_t a = 0xD2511F53ull * c0, b = 0xCD9E8D57ull * c2;       \
        c0 = (b >> 32) ^ c1 ^ k0;                                      \
        c1 = b & 0xFFFFFFFFull;                                        \
        c2 = (a >> 32) ^ c3 ^ k1;                                      \
        c3 = a & 0xFFFFFFFFull;                                        \
        k0 = (k0 + 0x9E3779B9ull) & 0xFFFFFFFFull;                     \
        k1 = (k1 + 0xBB67AE85ull) & 0xFFFFFFFFull;                     \
    }

static inline void draw_four(const world_t *w, uint64_t low, uint64_t high, uint64_t month, uint64_t luck,
                             uint64_t block, double out[4])
{
    uint64_t k0 = w->seed, k1 = w->world, c0 = low, c1 = high, c2 = month + 65536 * luck, c3 = block;
    ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND
    out[0] = uniform(c0); out[1] = uniform(c1); out[2] = uniform(c2); out[3] = uniform(c3);
}

static void draw_many(const world_t *w, int count, const uint64_t *restrict low,
                      const uint64_t *restrict high, uint64_t block, double *restrict o0,
                      double *restrict o1, double *restrict o2, double *restrict o3)
{
    const uint64_t seed = w->seed, world = w->world, when = w->month + 65536 * w->luck;
    EACH(k, count) {
        uint64_t k0 = seed, k1 = world, c0 = low[k], c1 = high[k], c2 = when, c3 = block;
        ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND
        o0[k] = uniform(c0); o1[k] = uniform(c1); o2[k] = uniform(c2); o3[k] = uniform(c3);
    }
}

static inline double e_to(double x)
{
    x = least(most(x, -40.0), 40.0);
    double k = floor(x * 1.4426950408889634 + 0.5);
    double r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
    double y = 1.0 / 6227020800.0;
    y = y * r + 1.0 / 479001600.0;
    y = y * r + 1.0 / 39916800.0;
    y = y * r + 1.0 / 3628800.0;
    y = y * r + 1.0 / 362880.0;
    y = y * r + 1.0 / 40320.0;
    y = y * r + 1.0 / 5040.0;
    y = y * r + 1.0 / 720.0;
    y = y * r + 1.0 / 120.0;
    y = y * r + 1.0 / 24.0;
    y = y * r + 1.0 / 6.0;
    y = y * r + 0.5;
    y = y * r + 1.0;
    y = y * r + 1.0;
    double shifted = k + 6755399441055744.0; /* k in the low bits */
    uint64_t bits;
    memcpy(&bits, &shifted, 8);
    bits = (bits << 52) + (1023ull << 52);
    double power;
    memcpy(&power, &bits, 8);
    return y * power;
}

static double log_of(double x)
{
    double k = 0.0;
    while (x < 0.5) { x = x * 2.0; k = k + 1.0; }
    double s = (x - 1.0) / (x + 1.0), square = s * s, y = 0.0;
    for (int odd = 33; odd > 0; odd -= 2) y = y * square + 1.0 / odd;
    return 2.0 * s * y - (k * 1.9082149292705877e-10 + k * 0.6931471803691238);
}

static double polynomial(const double c[8], double r)
{
    double y = c[0];
    for (int k = 1; k < 8; k++) y = y * r + c[k];
    return y;
}

static double normal_quantile(double u) /* Wichura 1988, AS 241 */
{
    static const double A[] = {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745,
        3.387132872796366608};
    static const double B[] = {5226.495278852545925, 28729.085735721942674, 39307.89580009271061,
        21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0};
    static const double C[] = {7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
        1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
        1.42343711074968357734};
    static const double D[] = {1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
        0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0};
    static const double E[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
        0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
        5.4637849111641143699, 6.6579046435011037772};
    static const double F[] = {2.04426310338993978564e-15, 1.4215117583164458887e-7,
        1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
        0.13692988092273580531, 0.59983220655588793769, 1.0};
    double q = u - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(A, r) / polynomial(B, r);
    }
    double r = sqrt(-log_of(least(u, 1.0 - u)));
    if (r <= 5.0) {
        r = r - 1.6;
        return copysign(polynomial(C, r) / polynomial(D, r), q);
    }
    r = r - 5.0;
    return copysign(polynomial(E, r) / polynomial(F, r), q);
}

static double normal_within(double u, double mean, double spread)
{
    return clipped(mean + spread * normal_quantile(u));
}

static double given_or(double given, double drawn) { return given == given ? given : drawn; }

static void begin(world_t *w, const struct parameters *p, const struct given *g, int n,
                  const struct tie *ties, int known)
{
    double a[4], b[4];
    w->n = n; w->month = 0; w->pairs = known; w->stale = 1;
    draw_four(w, NOBODY, NOBODY, START, 0, 0, a);
    double mean = normal_within(a[0], p->disposition, p->disposition_spread);
    EACH(i, n) {
        organisation *o = &w->org[i];
        draw_four(w, g[i].id, NOBODY, START, 0, 0, a);
        draw_four(w, g[i].id, NOBODY, START, 0, 1, b);
        o->id = g[i].id; o->sector = g[i].sector; o->statutory = g[i].statutory;
        o->capacity = given_or(g[i].capacity, least(p->capacity_high, most(p->capacity_low,
            p->capacity_base + p->capacity_slope * g[i].log_size)));
        o->x = given_or(g[i].perspective_x, normal_within(a[0], g[i].centre_x, p->perspective_spread));
        o->y = given_or(g[i].perspective_y, normal_within(a[1], g[i].centre_y, p->perspective_spread));
        o->mandate = given_or(g[i].mandate, normal_within(a[2], g[i].mandate_mean, p->mandate_spread));
        o->disposition = given_or(g[i].disposition, normal_within(a[3], mean, p->disposition_within));
        o->accountability = given_or(g[i].accountability,
            normal_within(b[0], p->start_accountability, p->start_accountability_spread));
        o->resting_courage = given_or(g[i].resting_courage,
            normal_within(b[1], p->resting_courage, p->resting_spread));
        o->resting_systems = given_or(g[i].resting_systems_view,
            normal_within(b[2], p->resting_systems_view, p->resting_spread));
        o->view = given_or(g[i].purpose_view, o->mandate);
        o->expectation = given_or(g[i].expectation, o->accountability);
        o->courage = o->resting_courage;
        o->systems = o->resting_systems;
    }
    EACH(k, known) {
        int i = (int)ties[k].lower, j = (int)ties[k].higher;
        if (w->org[i].id > w->org[j].id) { int t = i; i = j; j = t; }
        organisation *l = &w->org[i], *h = &w->org[j];
        w->lower[k] = i; w->higher[k] = j; w->between[i][j] = w->between[j][i] = k;
        w->lower_id[k] = l->id; w->higher_id[k] = h->id;
        w->same[k] = l->sector == h->sector;
        double dx = l->x - h->x, dy = l->y - h->y;
        w->distance[k] = sqrt(dx * dx + dy * dy) / sqrt(2.0);
        draw_four(w, l->id, h->id, START, 0, 0, a);
        double close = w->same[k] == 1.0 ? p->close_within : p->close_across;
        w->contact[k] = given_or(ties[k].contact, a[0] < close ? p->contact_close : p->contact_loose);
        w->tension[k] = 0.0;
        EACH(s, 2) {
            w->kept[s][k] = w->broken[s][k] = 0.0;
            w->understanding[s][k] = 1.0 - w->distance[k];
        }
    }
}

static void levers(world_t *w, const double *base, const struct entry *entry, int64_t first, int64_t last,
                   const int64_t *coverage, const double *asks, const double *limits)
{
    int64_t month = (int64_t)w->month;
    int changes = w->stale;
    for (int64_t e = first; e < last; e++)
        if (entry[e].from_month == month || entry[e].to_month == month) changes = 1;
    if (!changes) return;
    w->stale = 0;
    EACH(i, w->n) {
        double *mine = (double *)&w->lever[i];
        EACH(l, LEVERS) mine[l] = base[l];
        EACH(mover, MOVERS) {
            double strength = 0.0;
            for (int64_t e = first; e < last; e++)
                if (entry[e].mover == mover && entry[e].from_month <= month && month < entry[e].to_month)
                    strength += entry[e].strength * coverage[entry[e].coverage * w->n + i];
            strength = least(1.0, strength);
            if (strength > 0.0)
                EACH(l, LEVERS) {
                    double full = asks[mover * LEVERS + l];
                    if (full == full) {
                        double asked = base[l] + strength * (full - base[l]);
                        if (limits[l] * (asked - mine[l]) > 0.0) mine[l] = asked;
                    }
                }
        }
        EACH(l, LEVERS) mine[l] = least(limits[2 * LEVERS + l], most(limits[LEVERS + l], mine[l]));
    }
}

static void turnover(world_t *w, const struct parameters *p)
{
    int left = 0;
    double a[4];
    EACH(i, w->n) {
        organisation *o = &w->org[i];
        draw_four(w, o->id, NOBODY, w->month, w->luck, 0, a);
        w->flow[i].left = a[0] < w->lever[i].turnover;
        if (!w->flow[i].left) continue;
        left++;
        draw_four(w, o->id, NOBODY, w->month, w->luck, 1, a);
        o->courage = o->resting_courage = normal_within(a[0], p->resting_courage, p->resting_spread);
        o->systems = o->resting_systems = normal_within(a[1], p->resting_systems_view, p->resting_spread);
    }
    if (!left) return;
    double kept = 1.0 - p->turnover_loss;
    EACH(k, w->pairs)
        EACH(times, w->flow[w->lower[k]].left + w->flow[w->higher[k]].left) {
            w->contact[k] *= 1.0 - p->turnover_contact_loss;
            EACH(s, 2) {
                double untaught = 1.0 - w->distance[k];
                w->kept[s][k] *= kept;
                w->broken[s][k] *= kept;
                w->understanding[s][k] = untaught + kept * (w->understanding[s][k] - untaught);
            }
        }
}

/* Trust as the evidence stands; at the opening the evidence fades first, and is kept. */
static void trusts(world_t *w, const struct parameters *p, int opening)
{
    const int pairs = w->pairs;
    const double prior = p->prior_strength, own = p->own_sector, memory = p->memory;
    EACH(s, 2) {
        const int *restrict who = s == 0 ? w->lower : w->higher;
        double *restrict kept = w->kept[s], *restrict broken = w->broken[s];
        double *restrict trust = w->trust[s], *restrict as_if = w->as_if[s];
        const double *restrict same = w->same;
        if (opening) {
            EACH(k, pairs) { kept[k] = memory * kept[k]; broken[k] = memory * broken[k]; }
            memcpy(w->open_kept[s], kept, sizeof(double) * (size_t)pairs);
            memcpy(w->open_broken[s], broken, sizeof(double) * (size_t)pairs);
        }
        EACH(k, pairs) {
            double towards = least(1.0, w->org[who[k]].disposition + own * same[k]);
            double all = kept[k] + broken[k] + prior;
            double acted = towards + w->lever[who[k]].as_if * (1.0 - towards);
            trust[k] = (kept[k] + prior * towards) / all;
            as_if[k] = (kept[k] + prior * acted) / all;
        }
    }
}

static void open_month(world_t *w)
{
    memcpy(w->open, w->org, sizeof(organisation) * (size_t)w->n);
    memcpy(w->open_contact, w->contact, sizeof(double) * (size_t)w->pairs);
    EACH(i, w->n) { int left = w->flow[i].left; w->flow[i] = (flow_t){0}; w->flow[i].left = left; }
}

static void convene(world_t *w, const struct parameters *p)
{
    double rate = p->meeting_rate, idle = p->idle_fade * p->contact_fade;
    double part[4][ROW] = {{0}}; /* so that one sum need not wait for what was just stored */
    EACH(k, w->pairs) {
        double load = rate * w->contact[k];
        part[k % 4][w->lower[k]] += load;
        part[k % 4][w->higher[k]] += load;
    }
    EACH(i, w->n) {
        double load = (part[0][i] + part[1][i]) + (part[2][i] + part[3][i]);
        w->flow[i].room = load <= w->open[i].capacity ? 1.0 : w->open[i].capacity / load;
    }
    draw_many(w, w->pairs, w->lower_id, w->higher_id, 0, w->draws[0], w->draws[1], w->draws[2], w->draws[3]);
    int met = 0;
    EACH(k, w->pairs) {
        double chance = rate * w->contact[k] * least(w->flow[w->lower[k]].room, w->flow[w->higher[k]].room);
        int meets = w->draws[0][k] < chance;
        w->met[met] = k;
        met += meets;
        w->contact[k] = w->contact[k] * (1.0 - idle * (1 - meets)); /* no branch on what luck decides */
        w->tension[k] = w->tension[k] * (1.0 - p->settle * (1 - meets));
    }
    w->count = met;
    EACH(q, met) {
        int k = w->met[q];
        w->id_a[q] = w->lower_id[k];
        w->id_b[q] = w->higher_id[k];
        w->named[q] = w->draws[1][k];
        w->safe[q] = w->draws[2][k];
        w->tie[q] = w->draws[3][k];
    }
    draw_many(w, met, w->id_a, w->id_b, 1, w->lead[0], w->lead[1], w->lead[2], w->lead[3]);
    draw_many(w, met, w->id_a, w->id_b, 2, w->act[0], w->act[1], w->act[2], w->act[3]);
}

static inline double value(double trust, double gain, double share, double stake, double loss, double cost,
                           double burden)
{
    return trust * gain * share - (1.0 - trust) * stake * loss - cost - burden;
}

static void weigh(world_t *w, const struct parameters *p)
{
    EACH(q, w->count) {
        int k = w->met[q], of[2] = {w->lower[k], w->higher[k]};
        const organisation *l = &w->open[of[0]], *h = &w->open[of[1]];
        double d = w->distance[k];
        double u = 0.5 * (w->understanding[0][k] + w->understanding[1][k]);
        double align = 1.0 - fabs(l->view - h->view);
        double gain = align * (1.0 + p->synergy * d * u - p->friction * d * (1.0 - u));
        double matching = 0.5 * (w->lever[of[0]].stake_matching + w->lever[of[1]].stake_matching);
        double mutual = least(1.0, least(w->as_if[0][k], w->as_if[1][k]) / p->trust_for_full_stake);
        double stake = p->stake_size * (1.0 - matching + matching * mutual);
        w->align[q] = align; w->gain[q] = gain; w->stake[q] = stake;
        int side = (h->courage > l->courage) | ((h->courage == l->courage) & (w->tie[q] >= 0.5));
        double boldest = most(l->courage, h->courage);
        int leads = w->lead[0][q] < boldest, first = leads * side;
        w->leader[q] = leads * (side + 1) - 1;
        double bold = leads * boldest, burden = p->tension_cost * w->tension[k];
        int i = of[first], j = of[1 - first];
        double mine = p->own_share + p->systems_weight * w->open[i].systems;
        double theirs = p->own_share + p->systems_weight * w->open[j].systems;
        const struct levers *a = &w->lever[i], *b = &w->lever[j];
        w->worth[0][q] = value(w->as_if[first][k], gain, mine, stake, a->loss * (1.0 - bold), a->cost, burden);
        w->believed[q] = w->as_if[1 - first][k];
        w->counted[q] = theirs;
        w->risk[q] = b->loss * (1.0 - 0.0);
        w->cost[q] = b->cost;
        w->burden[q] = burden;
        w->leads[q] = leads;
    }
    double *restrict one = w->worth[0], *restrict two = w->worth[1];
    EACH(q, w->count) one[q] = 1.0 / (1.0 + e_to(-(p->intensity_of_choice * one[q])));
    EACH(q, w->count) {
        double committed = w->lead[w->leader[q] > 0 ? 2 : 1][q] < one[q];
        double followed = w->believed[q] + p->lead * (w->leads[q] * committed) * (1.0 - w->believed[q]);
        two[q] = value(followed, w->gain[q], w->counted[q], w->stake[q], w->risk[q], w->cost[q], w->burden[q]);
    }
    EACH(q, w->count) two[q] = 1.0 / (1.0 + e_to(-(p->intensity_of_choice * two[q])));
}

static void meet(world_t *w, const struct parameters *p)
{
    tally_t t = {0};
    t.meetings = w->count;
    EACH(q, w->count) {
        int k = w->met[q], of[2] = {w->lower[k], w->higher[k]}, leader = w->leader[q];
        int first = leader > 0 ? leader : 0, committed[2], delivered[2];
        double v = w->stake[q], net[2], root = sqrt(v);
        const struct levers *lever[2] = {&w->lever[of[0]], &w->lever[of[1]]};
        committed[first] = w->lead[1 + first][q] < w->worth[0][q];
        committed[1 - first] = w->lead[2 - first][q] < w->worth[1][q];
        EACH(s, 2) {
            double chance = w->open[of[s]].accountability * (1.0 - lever[s]->slip * v);
            delivered[s] = committed[s] & (w->act[s][q] < chance);
        }
        int joint = delivered[0] & delivered[1];
        double won = v * w->gain[q] * joint;
        EACH(s, 2) {
            double spent = lever[s]->cost * v * committed[s] + lever[s]->loss * v * v * (delivered[s] & !joint);
            net[s] = 0.5 * won - spent;
            w->flow[of[s]].net += net[s];
            t.spent += spent;
            t.commitments += committed[s];
        }
        t.deliveries += delivered[0] + delivered[1];
        t.joint += joint;
        t.value += won;
        t.stake += v;
        double led = (leader >= 0) & committed[first];
        t.leads += led;
        t.leader_pay += led * (net[first] - net[1 - first]);
        double visibility = 0.5 * (lever[0]->visibility + lever[1]->visibility);
        EACH(s, 2) {
            double doubt = lever[s]->benefit_of_doubt;
            double failed = p->negativity * root * (1.0 - doubt) * (1.0 - lever[1 - s]->repair);
            double held_back = p->holdback_weight * root * (1.0 - doubt);
            w->kept[s][k] += (delivered[1 - s] & (w->act[2 + s][q] < visibility)) * root;
            w->broken[s][k] += (1 - delivered[1 - s]) * (committed[1 - s] * failed + (1 - committed[1 - s]) * held_back);
        }
        double u0 = w->understanding[0][k], u1 = w->understanding[1][k], tension = w->tension[k];
        double strange = w->distance[k] * (1.0 - 0.5 * (u0 + u1));
        double surfacing = 0.5 * (lever[0]->surfacing + lever[1]->surfacing);
        double growth = p->strain * ((1.0 - w->align[q]) + strange + p->strain_no_delivery * (1 - joint))
            + surfacing * strange;
        tension = tension + growth * (1.0 - tension);
        double c0 = w->open[of[0]].courage, c1 = w->open[of[1]].courage;
        if (w->named[q] < (1.0 - (1.0 - c0) * (1.0 - c1)) * tension) {
            if (w->safe[q] < 0.5 * (w->as_if[0][k] + w->as_if[1][k])) {
                tension = tension * (1.0 - p->resolution);
                u0 = u0 + p->named_understanding * (1.0 - u0);
                u1 = u1 + p->named_understanding * (1.0 - u1);
                w->kept[0][k] += p->named_evidence;
                w->kept[1][k] += p->named_evidence;
            } else {
                w->broken[0][k] += p->rupture;
                w->broken[1][k] += p->rupture;
            }
        }
        w->tension[k] = tension;
        w->understanding[0][k] = u0 + lever[0]->learning * (1.0 - u0);
        w->understanding[1][k] = u1 + lever[1]->learning * (1.0 - u1);
        double m = w->contact[k];
        w->contact[k] = joint * (m + p->contact_gain * (1.0 - m)) + (1 - joint) * (m * (1.0 - p->contact_fade));
        EACH(s, 2) {
            flow_t *f = &w->flow[of[s]];
            double view = w->open[of[s]].view, other = w->open[of[1 - s]].view;
            double weight = w->trust[s][k] * (fabs(other - view) <= lever[s]->confidence_bound ? 1.0 : 0.0);
            f->pull += weight * (other - view);
            f->weight += weight;
            f->met += 1.0;
            f->promised += committed[1 - s];
            f->kept += delivered[1 - s];
            f->alignment += w->align[q];
            f->peers += lever[1 - s]->peer_accountability;
        }
    }
    w->tally = t;
}

static void settle_organisations(world_t *w, const struct parameters *p)
{
    EACH(i, w->n) {
        organisation *o = &w->org[i];
        const flow_t *f = &w->flow[i];
        const struct levers *l = &w->lever[i];
        if (p->self_weight + f->weight > 0.0)
            o->view = o->view + p->convergence * f->pull / (p->self_weight + f->weight);
        o->view = o->view + l->mandate_pull * (o->mandate - o->view);
        if (f->promised > 0.0)
            o->expectation = o->expectation + p->expectation_rate * (f->kept / f->promised - o->expectation);
        if (f->met > 0.0) {
            double share = p->reciprocation + (1.0 - p->reciprocation) * (f->alignment / f->met);
            double want = share * o->expectation;
            o->accountability = want + p->peer_strength * (f->peers / f->met) * most(0.0, p->pledge - want);
        }
        o->courage = o->courage + l->courage_practice * (1.0 - o->courage)
            - p->leadership_return * (o->courage - o->resting_courage);
        o->systems = o->systems + l->systems_practice * (1.0 - o->systems)
            - p->leadership_return * (o->systems - o->resting_systems);
    }
}

static void broker(world_t *w, const struct parameters *p)
{
    double a[4];
    EACH(i, w->n) {
        double chance = w->lever[i].brokerage * w->open[i].systems;
        if (chance <= 0.0) continue;
        draw_four(w, w->org[i].id, NOBODY, w->month, w->luck, 0, a);
        if (a[1] >= chance) continue;
        uint64_t low[ROW], high[ROW];
        int with[ROW], count = 0;
        EACH(j, w->n) { /* the order does not matter: the two smallest draws are picked */
            if (j == i) continue;
            int k = w->between[i][j];
            if (!(w->open_contact[k] > 0.0)) continue;
            low[count] = w->lower_id[k];
            high[count] = w->higher_id[k];
            with[count++] = j;
        }
        double pick[4][ROW];
        draw_many(w, count, low, high, 3, pick[0], pick[1], pick[2], pick[3]);
        int j = -1, other = -1;
        double luck_j = 2.0, luck_k = 2.0;
        EACH(c, count) {
            double luck = pick[w->lower[w->between[i][with[c]]] == i ? 0 : 1][c];
            if (luck < luck_j) { other = j; luck_k = luck_j; j = with[c]; luck_j = luck; }
            else if (luck < luck_k) { other = with[c]; luck_k = luck; }
        }
        if (other < 0) continue;
        int tie_j = w->between[i][j], tie_k = w->between[i][other], k = w->between[j][other];
        int side_j = w->lower[tie_j] != i, side_k = w->lower[tie_k] != i, teller = w->lower[k] != j;
        double trust_j = w->trust[side_j][tie_j], trust_k = w->trust[side_k][tie_k];
        double then = w->open_contact[k];
        double now = most(then, least(p->intro_ceiling, then + p->intro * trust_j * trust_k * (1.0 - then)));
        w->contact[k] += now - then;
        double vouching = w->lever[i].vouching;
        w->kept[side_k][tie_k] += least(p->vouch_cap, vouching * trust_j * w->open_kept[teller][k]);
        w->broken[side_k][tie_k] += least(p->vouch_cap, vouching * trust_j * w->open_broken[teller][k]);
    }
}

static void close_month(world_t *w)
{
    EACH(i, w->n) {
        organisation *o = &w->org[i];
        o->view = clipped(o->view); o->expectation = clipped(o->expectation);
        o->accountability = clipped(o->accountability);
        o->courage = clipped(o->courage); o->systems = clipped(o->systems);
    }
    EACH(k, w->pairs) { w->contact[k] = clipped(w->contact[k]); w->tension[k] = clipped(w->tension[k]); }
    EACH(s, 2)
        EACH(k, w->pairs) {
            w->kept[s][k] = most(0.0, w->kept[s][k]);
            w->broken[s][k] = most(0.0, w->broken[s][k]);
            w->understanding[s][k] = clipped(w->understanding[s][k]);
        }
    w->month++;
}

static double share(double part, double whole) { return whole > 0.0 ? part / whole : NAN; }

static int top(int *root, int i)
{
    while (root[i] != i) { root[i] = root[root[i]]; i = root[i]; }
    return i;
}

static void measure(world_t *w, const struct parameters *p, double possible, double potential, double *row)
{
    const tally_t *t = &w->tally;
    int n = w->n, pairs = w->pairs, count = 0, root[ROW], size[ROW] = {0}, largest = 0;
    double sum[8] = {0}, mean[3] = {0}, nets[ROW], apart = 0.0, statutory = 0.0, others = 0.0;
    (void)possible;
    trusts(w, p, 0);
    EACH(k, pairs) {
        sum[0] += w->trust[0][k] + w->trust[1][k];
        sum[1] += w->as_if[0][k] + w->as_if[1][k];
        sum[2] += fabs(w->trust[0][k] - w->trust[1][k]);
        sum[3] += 1.0 - fabs(w->org[w->lower[k]].view - w->org[w->higher[k]].view);
        sum[4] += w->tension[k];
        sum[5] += w->understanding[0][k] + w->understanding[1][k];
        sum[6] += w->contact[k];
    }
    EACH(i, n) {
        mean[0] += w->org[i].accountability; mean[1] += w->org[i].courage; mean[2] += w->org[i].systems;
        if (w->org[i].statutory) { statutory += w->flow[i].net; count++; } else others += w->flow[i].net;
        double net = w->flow[i].net;
        int j = i;
        while (j > 0 && nets[j - 1] > net) { nets[j] = nets[j - 1]; j--; }
        nets[j] = net;
        root[i] = i;
    }
    EACH(i, n) apart += (2.0 * i - n + 1.0) * nets[i];
    double even = 1.0 - share(2.0 * apart / (n * (n - 1.0)), 2.0 * potential / n);
    double gap = share(statutory, count) - share(others, n - count);
    EACH(k, pairs) if (w->contact[k] >= 0.3) { int h = top(root, w->higher[k]); root[top(root, w->lower[k])] = h; }
    EACH(i, n) size[top(root, i)]++;
    EACH(i, n) if (size[i] > largest) largest = size[i];
    double all[OUTCOMES] = {
        share(t->value - t->spent, potential), share(t->value, potential),
        share(t->meetings - t->joint, t->meetings), share(t->commitments, 2.0 * t->meetings),
        share(t->deliveries, t->commitments), share(sum[0], 2.0 * pairs), share(sum[1], 2.0 * pairs),
        1.0 - share(sum[2], pairs), mean[0] / n, share(sum[3], pairs), share(sum[4], pairs),
        share(sum[5], 2.0 * pairs), share(sum[6], pairs), mean[1] / n, mean[2] / n,
        share(t->stake, t->meetings), even > 1.0 ? 1.0 : even,
        gap == gap ? share(gap * n, potential) : NAN, share(t->leader_pay, t->leads),
        1.0 - (double)largest / n};
    memcpy(row, all, sizeof all);
}

/* Run jobs (seed, world, luck, setting); every month's outcomes into monthly if it is there, else the
 * advantage of every month and all outcomes of the last twelve, as the ensemble measures. */
void run_jobs(const int64_t *jobs, int64_t count, const struct parameters *params, const int64_t *spans,
              const struct entry *entry, const int64_t *coverage, const double *asks, const double *limits,
              const struct given *given, int64_t n, const struct tie *ties, int64_t known, int64_t months,
              double *summary, double *monthly)
{
    static _Thread_local world_t space;
    world_t *w = &space;
    double scratch[OUTCOMES];
    for (int64_t job = 0; job < count; job++) {
        const int64_t *what = jobs + 4 * job;
        const struct parameters *p = &params[what[3]];
        const double *base = (const double *)p + FIRST_BASE;
        double possible = p->meeting_rate * (double)known, potential = possible * p->stake_size;
        double total[OUTCOMES] = {0}, counted[OUTCOMES] = {0};
        w->seed = (uint64_t)what[0]; w->world = (uint64_t)what[1]; w->luck = (uint64_t)what[2];
        begin(w, p, given, (int)n, ties, (int)known);
        for (int64_t t = 0; t < months; t++) {
            levers(w, base, entry, spans[2 * what[3]], spans[2 * what[3] + 1], coverage, asks, limits);
            turnover(w, p);
            trusts(w, p, 1);
            open_month(w);
            convene(w, p);
            weigh(w, p);
            meet(w, p);
            settle_organisations(w, p);
            broker(w, p);
            close_month(w);
            double *row = monthly ? monthly + (job * months + t) * OUTCOMES : scratch;
            if (monthly || t >= months - 12) {
                measure(w, p, possible, potential, row);
                if (t >= months - 12)
                    EACH(o, OUTCOMES) if (row[o] == row[o]) { total[o] += row[o]; counted[o] += 1.0; }
            } else
                row[0] = share(w->tally.value - w->tally.spent, potential);
        }
        EACH(o, OUTCOMES)
            summary[job * OUTCOMES + o] = counted[o] > 0.0 ? total[o] / counted[o] : NAN;
    }
}
