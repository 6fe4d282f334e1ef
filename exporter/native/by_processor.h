/* Functions with a version for each width of vectors, where loaders can choose among versions, with what they call in it. They
 * round alike. */

#ifndef DRIFTBELL_BY_PROCESSOR_H
#define DRIFTBELL_BY_PROCESSOR_H

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
#define BY_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define BY_PROCESSOR
#endif
#define PART static inline __attribute__((always_inline))

#endif
