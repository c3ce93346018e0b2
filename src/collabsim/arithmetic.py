"""Exponential, logarithm and normal quantile with the same bits everywhere.

The C library's versions differ in the last bit between platforms and between processors, NumPy's differ
from both, and so would a run. These use only additions, multiplications, divisions and square roots,
which IEEE 754 fixes to the bit, compiled or not.
"""

from __future__ import annotations

import math

import numpy as np

from collabsim.compiled import rule

LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238  # the leading bits of ln 2: its product with a small integer is exact
LN2_LOW = 1.9082149292705877e-10
LAST_BITS = 1.5 * 2.0**52  # added to a small whole number, it leaves that number in the last bits
EXPONENT = np.uint64(52)  # where a number's exponent begins
EXP_LIMIT = 40.0


@rule
def exp(x: float) -> float:
    """Return e to the power x, for x clipped to ±40, within 2 units in the last place.

    Range reduction by ln 2 in two parts (Cody & Waite 1980), then the Taylor polynomial to the 13th
    power on ±ln 2 / 2, whose remainder is below 1e-17.
    """
    x = min(max(x, -EXP_LIMIT), EXP_LIMIT)
    k = np.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    y = 1.0 / 6227020800.0
    y = y * r + 1.0 / 479001600.0
    y = y * r + 1.0 / 39916800.0
    y = y * r + 1.0 / 3628800.0
    y = y * r + 1.0 / 362880.0
    y = y * r + 1.0 / 40320.0
    y = y * r + 1.0 / 5040.0
    y = y * r + 1.0 / 720.0
    y = y * r + 1.0 / 120.0
    y = y * r + 1.0 / 24.0
    y = y * r + 1.0 / 6.0
    y = y * r + 0.5
    y = y * r + 1.0
    y = y * r + 1.0
    exponent = np.float64(k + 1023.0 + LAST_BITS).view(np.uint64)
    return y * np.uint64(exponent << EXPONENT).view(np.float64)  # 2**k, whose exponent is k + 1023


@rule
def logistic(x: float) -> float:
    """Return 1 / (1 + e^-x), for x clipped to ±40."""
    return 1.0 / (1.0 + exp(-x))


@rule
def log(x: float) -> float:
    """Return the natural logarithm of x, for 1e-300 <= x <= 1.

    x = m · 2^-k with ½ <= m < 1 by exact doubling; ln m = 2·artanh((m - 1)/(m + 1)) by its series.
    """
    k = 0
    while x < 0.5:
        x = x * 2.0
        k = k + 1
    s = (x - 1.0) / (x + 1.0)
    square = s * s
    y = 0.0
    for odd in range(33, 0, -2):
        y = y * square + 1.0 / odd
    return 2.0 * s * y - (k * LN2_LOW + k * LN2_HIGH)


@rule
def normal_quantile(u: float) -> float:
    """Return the standard normal deviate below which a share u lies, for 0 < u < 1.

    Algorithm AS 241, PPND16 (Wichura 1988): relative error about 1e-16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        above = 2509.0809287301226727
        above = above * r + 33430.575583588128105
        above = above * r + 67265.770927008700853
        above = above * r + 45921.953931549871457
        above = above * r + 13731.693765509461125
        above = above * r + 1971.5909503065514427
        above = above * r + 133.14166789178437745
        above = above * r + 3.387132872796366608
        below = 5226.495278852545925
        below = below * r + 28729.085735721942674
        below = below * r + 39307.89580009271061
        below = below * r + 21213.794301586595867
        below = below * r + 5394.1960214247511077
        below = below * r + 687.1870074920579083
        below = below * r + 42.313330701600911252
        below = below * r + 1.0
        return q * above / below
    r = math.sqrt(-log(min(u, 1.0 - u)))
    if r <= 5.0:
        r = r - 1.6
        above = 7.7454501427834140764e-4
        above = above * r + 0.0227238449892691845833
        above = above * r + 0.24178072517745061177
        above = above * r + 1.27045825245236838258
        above = above * r + 3.64784832476320460504
        above = above * r + 5.7694972214606914055
        above = above * r + 4.6303378461565452959
        above = above * r + 1.42343711074968357734
        below = 1.05075007164441684324e-9
        below = below * r + 5.475938084995344946e-4
        below = below * r + 0.0151986665636164571966
        below = below * r + 0.14810397642748007459
        below = below * r + 0.68976733498510000455
        below = below * r + 1.6763848301838038494
        below = below * r + 2.05319162663775882187
        below = below * r + 1.0
    else:
        r = r - 5.0
        above = 2.01033439929228813265e-7
        above = above * r + 2.71155556874348757815e-5
        above = above * r + 0.0012426609473880784386
        above = above * r + 0.026532189526576123093
        above = above * r + 0.29656057182850489123
        above = above * r + 1.7848265399172913358
        above = above * r + 5.4637849111641143699
        above = above * r + 6.6579046435011037772
        below = 2.04426310338993978564e-15
        below = below * r + 1.4215117583164458887e-7
        below = below * r + 1.8463183175100546818e-5
        below = below * r + 7.868691311456132591e-4
        below = below * r + 0.0148753612908506148525
        below = below * r + 0.13692988092273580531
        below = below * r + 0.59983220655588793769
        below = below * r + 1.0
    return math.copysign(above / below, q)
