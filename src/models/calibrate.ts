/** From scores to probabilities that mean what they say, fitted on scores of texts the model had not seen. */

const logOnePlusExp = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)))

/**
 * The slope (one over the temperature) that minimises the negative log-likelihood of a softmax
 * (Guo, Pleiss, Sun and Weinberger, 2017), by golden-section search over its logarithm.
 * `scores` holds `labelCount` values a row.
 */
export function fitTemperature(scores: Float64Array, truth: Int32Array, labelCount: number): number {
  const loss = (logSlope: number): number => {
    const slope = Math.exp(logSlope)
    let sum = 0
    for (let row = 0; row < truth.length; row++) {
      const at = row * labelCount
      const own = scores[at + truth[row]!]!
      let total = 0
      for (let c = 0; c < labelCount; c++) total += Math.exp(Math.min(700, slope * (scores[at + c]! - own)))
      sum += Math.log(total)
    }
    return sum
  }
  const golden = (Math.sqrt(5) - 1) / 2
  let low = Math.log(0.02)
  let high = Math.log(50)
  let a = high - golden * (high - low)
  let b = low + golden * (high - low)
  let lossA = loss(a)
  let lossB = loss(b)
  for (let i = 0; i < 40; i++) {
    if (lossA < lossB) {
      high = b
      b = a
      lossB = lossA
      a = high - golden * (high - low)
      lossA = loss(a)
    } else {
      low = a
      a = b
      lossA = lossB
      b = low + golden * (high - low)
      lossB = loss(b)
    }
  }
  return Math.exp((low + high) / 2)
}

/**
 * Slope and offset of one label's probability σ(slope · score + offset) (Platt, 1999, with the smoothed targets and
 * the damped Newton method of Lin, Lin and Weng, 2007).
 */
export function fitPlatt(scores: ArrayLike<number>, truth: ArrayLike<boolean | number>): { slope: number; offset: number } {
  let positives = 0
  for (let i = 0; i < truth.length; i++) if (truth[i]) positives++
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (truth.length - positives + 2)
  const loss = (slope: number, offset: number): number => {
    let sum = 0
    for (let i = 0; i < truth.length; i++) {
      const x = slope * scores[i]! + offset
      sum += logOnePlusExp(x) - (truth[i] ? high : low) * x
    }
    return sum
  }
  let slope = 1
  let offset = 0
  let current = loss(slope, offset)
  for (let round = 0; round < 100; round++) {
    let gs = 0
    let go = 0
    let hss = 1e-12
    let hso = 0
    let hoo = 1e-12
    for (let i = 0; i < truth.length; i++) {
      const s = scores[i]!
      const p = 1 / (1 + Math.exp(-(slope * s + offset)))
      const d = p - (truth[i] ? high : low)
      const w = p * (1 - p)
      gs += s * d
      go += d
      hss += s * s * w
      hso += s * w
      hoo += w
    }
    if (Math.abs(gs) < 1e-6 && Math.abs(go) < 1e-6) break
    const determinant = hss * hoo - hso * hso
    const ds = -(hoo * gs - hso * go) / determinant
    const dO = -(hss * go - hso * gs) / determinant
    let step = 1
    let next = loss(slope + ds, offset + dO)
    while (next > current && step > 1e-8) {
      step /= 2
      next = loss(slope + step * ds, offset + step * dO)
    }
    if (!(next < current)) break
    slope += step * ds
    offset += step * dO
    current = next
  }
  return { slope, offset }
}
