/**
 * Numbers of `math.ts`. Polynomials are minimax, fitted for this file: Remez' criterion as a linear program over Chebyshev points, the
 * coefficients rounded one after another, each time with the rest fitted anew. None is copied from a library.
 * `error` is what such an approximation makes of the function in exact arithmetic, relative to it (`erfc`: absolute).
 */
export interface Polynomial {
  /** The lowest power first. */
  readonly coefficients: readonly number[];
  readonly interval: readonly [number, number];
  readonly error: number;
}

/** eʳ = 1 + r + r² · p(r). Below −0.24, where all roundings weigh most, the error counted eight times: it is 8e-10 there. */
export const expPolynomial: Polynomial = {
  coefficients: [0.4999997317790985, 0.16666525602340698, 0.04167354479432106, 0.008368266746401787, 0.001351668848656118],
  interval: [-Math.LN2 / 2, Math.LN2 / 2],
  error: 5.2e-9,
};

/** log(1 + u) = u − u²/2 + u³ · p(u) */
export const logPolynomial: Polynomial = {
  coefficients: [
    0.3333333134651184, -0.2500081956386566, 0.2000124156475067, -0.1662341058254242, 0.14201585948467255, -0.13159599900245667,
    0.12762144207954407, -0.07636356353759766,
  ],
  interval: [Math.SQRT1_2 - 1, Math.SQRT2 - 1],
  error: 5.9e-9,
};

/** tanh a = a + a³ · p(a²) */
export const tanhPolynomial: Polynomial = {
  coefficients: [-0.3333328068256378, 0.13331405818462372, -0.05373651534318924, 0.02062816731631756, -0.0056922961957752705],
  interval: [0, 0.625],
  error: 4.6e-9,
};

/** erf a = a + a · p(a²) */
export const erfPolynomial: Polynomial = {
  coefficients: [
    0.12837916612625122, -0.3761260211467743, 0.11283256113529205, -0.026839224621653557, 0.005160267930477858, -0.0007765908376313746,
    7.0639252953697e-5,
  ],
  interval: [0, 1.125],
  error: 6.4e-9,
};

/** 1 − erf a = p(a − 2.5). At 4 it is less than half a unit in the last place of 1: from there on erf is 1. */
export const erfcPolynomial: Polynomial = {
  coefficients: [
    0.00040693936171010137, -0.0021782603580504656, 0.005446329712867737, -0.008350524120032787, 0.008617453277111053,
    -0.006114788819104433, 0.0028130910359323025, -0.0005494956276379526, -0.0002810986479744315, 0.00026067017461173236,
    -6.451585068134591e-5, -1.3438375390251167e-5, 9.600366865925025e-6, -1.2143865433245082e-6,
  ],
  interval: [1.125, 4],
  error: 1.3e-8,
};

/** sin r = r · p(r²), in f64 */
export const sinPolynomial: Polynomial = {
  coefficients: [0.9999999946860327, -0.16666656684021, 0.008333025139042423, -0.00019807418726161457, 2.6019030586226945e-6],
  interval: [0, Math.PI / 2],
  error: 5.4e-9,
};

/** log₂ m = s · p(s²), s = (m − 1) / (m + 1), in f64 */
export const log2Polynomial: Polynomial = {
  coefficients: [2.88539008179008, 0.9617966733500333, 0.5770835832774102, 0.41167282625169804, 0.3407280228083654],
  interval: [0, (Math.SQRT2 - 1) / (Math.SQRT2 + 1)],
  error: 4.3e-12,
};

/** 2ᶠ = p(f), in f64 */
export const exp2Polynomial: Polynomial = {
  coefficients: [
    0.9999999999616815, 0.6931471807284458, 0.2402265119815874, 0.05550410353451753, 0.009618027253541002, 0.0013333922560201303,
    0.00015469291179925638, 1.5201922423521515e-5,
  ],
  interval: [-0.5, 0.5],
  error: 4.1e-11,
};

/** ln 2 = high + low, where k · high is exact in f32 for |k| < 2⁹: no reduction needs a multiply-add that rounds once. */
export const LN2 = { high: 0.693359375, low: -2.1219444170128554e-4 } as const;

/** π = high + low, where k · high is exact in f64 for k < 2²⁵, by halves. */
export const PI = { high: 3.141592651605606, low: 1.984187159361081e-9 } as const;
