/** Property tests draw the same examples in every run; FAST_CHECK_SEED=N draws others, for who wants to search further. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_260_101) });
