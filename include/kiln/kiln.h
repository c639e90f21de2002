/* Kiln: activation and normalization kernels with one set of bits on every machine.
 *
 * One function an operator, named and ordered as in torch.nn.functional, on DLPack tensors. Conventions, for all:
 *
 *  - Inputs are `const DLTensor *`, the output comes last and is written, never allocated. Optional tensors may be NULL.
 *  - Element type float32 (kDLFloat, 32 bits, 1 lane), data aligned to 4 bytes, device kDLCPU, or kDLCUDA or kDLOpenCL
 *    (docs/gpu.md says which operators), the same for all arguments; the work is done there, and nothing is copied to the
 *    host. A call on a device returns when the work is enqueued (kiln_context_set_cuda_stream). Any rank up to
 *    KILN_MAX_NDIM (0 included), any extents (0 included), any strides (negative and, for inputs, zero included);
 *    `strides` NULL means row-major and dense. `byte_offset` is honoured.
 *  - In place: the output may be the input itself (same data, shape and strides). Any other overlap of the output with
 *    memory that is read, or with itself, is refused.
 *  - Every function returns a kiln_status. On anything but KILN_STATUS_OK the output is as it was, and
 *    kiln_last_error() names the argument, what was expected and what came. Nothing aborts, prints or throws.
 *  - Every NaN that is stored is 0x7fc00000. Subnormals are kept. Results do not depend on the instruction set, number
 *    of threads, strides, alignment or position, nor on the caller's rounding mode or denormal flags (MXCSR, FPCR),
 *    which are left as they were.
 *  - Calls from many threads at once are safe. docs/lifecycle.md says what happens at exit, after fork and on dlclose. */
#ifndef KILN_KILN_H
#define KILN_KILN_H

#include <dlpack/dlpack.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default) /* a shared library made of libkiln.a exports these, and nothing else of it */
#endif

#define KILN_VERSION_MAJOR 0
#define KILN_VERSION_MINOR 1
#define KILN_VERSION_PATCH 0

/* The largest rank of a tensor. */
#define KILN_MAX_NDIM 64

typedef enum kiln_status {
  KILN_STATUS_OK = 0,
  /* An argument is NULL, or has a wrong shape, rank, value or memory; a shape that cannot be computed. */
  KILN_STATUS_INVALID_ARGUMENT = 1,
  /* The argument is well formed, but this build has no kernel for its element type or device. */
  KILN_STATUS_UNSUPPORTED = 2,
  /* This CPU cannot run the instruction set that KILN_ISA or kiln_context_set_isa asks for. */
  KILN_STATUS_UNSUPPORTED_CPU = 3,
  KILN_STATUS_OUT_OF_MEMORY = 4,
  /* A fault of Kiln's own; the message has the details. Please report it. */
  KILN_STATUS_INTERNAL = 5,
  /* A tensor is on a device, and its driver is not there or finds none. */
  KILN_STATUS_NO_DEVICE = 6,
  /* A device's driver refused something; the message has its words. */
  KILN_STATUS_DEVICE_ERROR = 7
} kiln_status;

/* The library's version, "MAJOR.MINOR.PATCH". */
const char *kiln_version(void);

/* What went wrong in this thread's latest call that did not return KILN_STATUS_OK; "" before the first. The text stays
 * valid until this thread's next failing call. */
const char *kiln_last_error(void);

/* The name of a status, "KILN_STATUS_OK" and so on; "KILN_STATUS_UNKNOWN" for other numbers. */
const char *kiln_status_name(kiln_status status);

/* ---- Context: how calls are carried out. It never changes what they compute, but for the accuracy. ---- */

typedef struct kiln_context kiln_context;

typedef enum kiln_accuracy {
  /* At most 1 ULP for activations; docs/accuracy.md has the figures. The default. */
  KILN_ACCURACY_EXACT = 0,
  /* At most 4 ULP for normal results, subnormal results may be zero. Where an operator has no fast variant, as exact. */
  KILN_ACCURACY_FAST = 1
} kiln_accuracy;

/* Runs body(body_data, i) for each i in [0, count), in any order, on any threads, and returns when all are done.
 * `data` is what was given to kiln_context_set_parallel_for. */
typedef void (*kiln_parallel_body)(void *body_data, int64_t i);
typedef void (*kiln_parallel_for)(void *data, int64_t count, kiln_parallel_body body, void *body_data);

/* A context may serve many threads at once, as long as none of the setters runs at the same time. Wherever a function
 * takes a context, NULL means one with every setting at its default. */
kiln_status kiln_context_create(kiln_context **context);
/* NULL is fine. */
void kiln_context_destroy(kiln_context *context);

/* The largest number of threads that a call uses, the calling one included. 0 (the default): as many as the CPUs that
 * the process may run on. 1 starts no thread. */
kiln_status kiln_context_set_num_threads(kiln_context *context, int num_threads);

/* The app's own thread pool in place of Kiln's; NULL for Kiln's own. num_threads still says how many pieces are worth
 * making. */
kiln_status kiln_context_set_parallel_for(kiln_context *context, kiln_parallel_for parallel_for, void *data);

kiln_status kiln_context_set_accuracy(kiln_context *context, kiln_accuracy accuracy);

/* Forces an instruction set ("baseline", "avx2" or "avx512" on x86-64, "neon" on AArch64) for calls with this context;
 * NULL for the best that the CPU runs. The environment variable KILN_ISA does the same for the process; the context goes before it. */
kiln_status kiln_context_set_isa(kiln_context *context, const char *isa);

/* The CUstream (cudaStream_t) that calls on CUDA tensors enqueue their work on; NULL, the default, for the default stream.
 * A call uses the CUcontext that is current in its thread, which must be one of the tensors' device_id; where none is
 * current, that device's primary one. It does not wait, and once the context has served a call of the same shape on the
 * same stream, it allocates nothing on the device. docs/gpu.md has more. */
kiln_status kiln_context_set_cuda_stream(kiln_context *context, void *stream);

/* The in-order cl_command_queue that calls on OpenCL tensors enqueue their work on. It must be set; the tensors' `data` is
 * a cl_mem of its context, `byte_offset` the place in it, and device_id the place of its device in that context. */
kiln_status kiln_context_set_opencl_queue(kiln_context *context, void *queue);

/* The instruction set that calls with this context run, or NULL where it cannot be had (kiln_last_error() says why). */
const char *kiln_context_isa(const kiln_context *context);
/* The number of threads that calls with this context may use. */
int kiln_context_num_threads(const kiln_context *context);

/* ---- What is built in ---- */

/* One kernel: its identity is all of these together. */
typedef struct kiln_kernel_info {
  const char *op;        /* "tanh" */
  const char *direction; /* "forward" */
  const char *dtype;     /* "float32" */
  const char *form;      /* layout form: "dense", "layer_norm.rows"; of a shape class, "dense.up_to_256"; docs/layout-forms.md */
  const char *accuracy;  /* "exact" or "fast" */
  const char *target;    /* "x86_64_avx2", "cuda_sm80" */
  const char *isa;       /* "avx2"; of a device, its name */
  int runs_here;         /* 1 where this CPU can run it, or a driver is here that finds such a device */
  const char *device;    /* "cpu", "cuda" or "opencl" */
} kiln_kernel_info;

/* Kernel number `index`, in a fixed order; KILN_STATUS_INVALID_ARGUMENT from the number of kernels on. Links every
 * kernel into the app, which calls of single operators do not. */
kiln_status kiln_kernel_at(int64_t index, kiln_kernel_info *info);

/* ---- Elementwise operators: kiln_tanh, kiln_sigmoid, kiln_hardsigmoid, kiln_silu, kiln_mish ----
 *
 * output[i] = f(input[i]); the formulas stand in operators.def. `output` has the shape of `input`.
 *
 *   kiln_status kiln_tanh(const kiln_context *context, const DLTensor *input, DLTensor *output);                     */
#define KILN_POINTWISE(name, accuracies, formula) \
  kiln_status kiln_##name(const kiln_context *context, const DLTensor *input, DLTensor *output);
#include <kiln/operators.def>

/* ---- Normalizations ----
 *
 * `output` has the shape of `input` everywhere. Shapes are (N, C, *): N samples, C channels, and any number of spatial
 * dimensions. Contiguous and channels-last memory run at full speed. Parameters are NULL, or hold one value per channel
 * (layer_norm: per position). Mean and variance are those of the exact values to within rounding, however large the mean;
 * docs/numerics.md has the scheme, its bounds, and every deliberate difference from PyTorch. A negative or NaN eps is an
 * error everywhere. */

/* torch.nn.functional.batch_norm (Ioffe, Szegedy 2015): output = (input - mean) / sqrt(var + eps) * weight + bias, for
 * each channel.
 *
 * training != 0: mean and biased variance of the batch over N and the spatial dimensions, more than one value per
 * channel, eps > 0; where both are given, the running statistics become (1 - momentum) * running + momentum * batch, the
 * variance of the batch being the unbiased one there. An empty batch leaves them as they are.
 * training == 0: the running statistics, which must be given and are only read.
 * input: rank 2 or more. running_mean, running_var: both or neither; written last, and only if the call succeeds. */
kiln_status kiln_batch_norm(const kiln_context *context, const DLTensor *input, DLTensor *running_mean,
                            DLTensor *running_var, const DLTensor *weight, const DLTensor *bias, int training,
                            double momentum, double eps, DLTensor *output);

/* torch.nn.functional.group_norm (Wu, He 2018): as above with the mean and biased variance of each sample's groups of
 * C / num_groups channels. C divisible by num_groups; more than one value per group, but for N > 1. */
kiln_status kiln_group_norm(const kiln_context *context, const DLTensor *input, int64_t num_groups,
                            const DLTensor *weight, const DLTensor *bias, double eps, DLTensor *output);

/* torch.nn.functional.instance_norm (Ulyanov, Vedaldi, Lempitsky 2016): as above with the mean and biased variance of
 * each sample's channel.
 *
 * use_input_stats != 0: more than one spatial value; where both are given, the running statistics become (1 - momentum)
 * * running + momentum * the mean over N of the samples' mean and unbiased variance.
 * use_input_stats == 0: the running statistics, which must be given and are only read. */
kiln_status kiln_instance_norm(const kiln_context *context, const DLTensor *input, DLTensor *running_mean,
                               DLTensor *running_var, const DLTensor *weight, const DLTensor *bias, int use_input_stats,
                               double momentum, double eps, DLTensor *output);

/* torch.nn.functional.layer_norm (Ba, Kiros, Hinton 2016): over the trailing `normalized_ndim` dimensions, which must be
 * `normalized_shape`, output = (input - mean) / sqrt(var + eps) * weight + bias, with the biased variance. weight, bias:
 * NULL, or of shape normalized_shape. */
kiln_status kiln_layer_norm(const kiln_context *context, const DLTensor *input, const int64_t *normalized_shape,
                            int normalized_ndim, const DLTensor *weight, const DLTensor *bias, double eps,
                            DLTensor *output);

/* torch.nn.functional.local_response_norm (Krizhevsky, Sutskever, Hinton 2012): output = input / (k + alpha * mean of
 * squares)^beta, the mean over `size` channels, size / 2 before and (size - 1) / 2 after, zero beyond the ends and divided
 * by size always. input: rank 3 or more; size >= 1; alpha, beta, k any number. */
kiln_status kiln_local_response_norm(const kiln_context *context, const DLTensor *input, int64_t size, double alpha,
                                     double beta, double k, DLTensor *output);

/* torch.nn.functional.normalize: output = input / max(|input|_p, eps) over the dimensions `dim` together. p: any number,
 * infinities included; 0 counts what is not zero. dim: `dim_count` different dimensions, negative ones counted from the
 * end; all of them where dim_count is 0. */
kiln_status kiln_normalize(const kiln_context *context, const DLTensor *input, double p, const int64_t *dim,
                           int dim_count, double eps, DLTensor *output);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
