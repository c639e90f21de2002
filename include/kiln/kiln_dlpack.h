/* SPDX-FileCopyrightText: the Kiln authors
 * SPDX-License-Identifier: MIT */

/** @file
 * The types of DLPack's ABI 1.1, by which kiln.h takes tensors, for apps that have no <dlpack/dlpack.h> of their own:
 * kiln.h includes that one where it is found, and nothing where a dlpack.h came before. Layouts and numbers are
 * DLPack's. */
#ifndef DLPACK_DLPACK_H_ /* DLPack's own guard: each header leaves the other out */
#define DLPACK_DLPACK_H_

#include <stddef.h>
#include <stdint.h>

/** The ABI's version. */
#define DLPACK_MAJOR_VERSION 1
/** Its second number. */
#define DLPACK_MINOR_VERSION 1

#ifdef __cplusplus
/** A name of C. */
#define DLPACK_EXTERN_C extern "C"
#define KILN_ENUM32 enum : int32_t
extern "C" {
#else
#define DLPACK_EXTERN_C
#define KILN_ENUM32 enum
#endif
/** Nothing is imported or exported. */
#define DLPACK_DLL

/** The ABI of a DLManagedTensorVersioned. */
typedef struct {
  uint32_t major; /**< Another one has another layout. */
  uint32_t minor; /**< Another one has more numbers. */
} DLPackVersion;

/** Where a tensor's memory is. */
typedef KILN_ENUM32{
    kDLCPU = 1,          /**< Host memory. */
    kDLCUDA = 2,         /**< Memory of a CUDA device. */
    kDLCUDAHost = 3,     /**< Host memory that CUDA has page-locked. */
    kDLOpenCL = 4,       /**< An OpenCL buffer. */
    kDLVulkan = 7,       /**< A Vulkan buffer. */
    kDLMetal = 8,        /**< A Metal buffer. */
    kDLVPI = 9,          /**< Verilog simulator's memory. */
    kDLROCM = 10,        /**< Memory of a ROCm device. */
    kDLROCMHost = 11,    /**< Host memory that ROCm has page-locked. */
    kDLExtDev = 12,      /**< A device of a kind that is not listed. */
    kDLCUDAManaged = 13, /**< Memory that CUDA moves between host and device. */
    kDLOneAPI = 14,      /**< Unified shared memory of oneAPI. */
    kDLWebGPU = 15,      /**< A WebGPU buffer. */
    kDLHexagon = 16,     /**< Memory of a Hexagon DSP. */
    kDLMAIA = 17         /**< Memory of a MAIA device. */
} DLDeviceType;
#undef KILN_ENUM32

/** One device. */
typedef struct {
  DLDeviceType device_type; /**< Its kind. */
  int32_t device_id;        /**< Which of that kind, from 0 on. */
} DLDevice;

/** What DLDataType's code holds. */
typedef enum {
  kDLInt = 0,                /**< Signed integers. */
  kDLUInt = 1,               /**< Unsigned integers. */
  kDLFloat = 2,              /**< IEEE floating point. */
  kDLOpaqueHandle = 3,       /**< Addresses of something. */
  kDLBfloat = 4,             /**< bfloat16. */
  kDLComplex = 5,            /**< Pairs of real and imaginary part. */
  kDLBool = 6,               /**< Truth values, a byte each. */
  kDLFloat8_e3m4 = 7,        /**< Floating point of 8 bits: e3m4. */
  kDLFloat8_e4m3 = 8,        /**< Floating point of 8 bits: e4m3. */
  kDLFloat8_e4m3b11fnuz = 9, /**< Floating point of 8 bits: e4m3b11fnuz. */
  kDLFloat8_e4m3fn = 10,     /**< Floating point of 8 bits: e4m3fn. */
  kDLFloat8_e4m3fnuz = 11,   /**< Floating point of 8 bits: e4m3fnuz. */
  kDLFloat8_e5m2 = 12,       /**< Floating point of 8 bits: e5m2. */
  kDLFloat8_e5m2fnuz = 13,   /**< Floating point of 8 bits: e5m2fnuz. */
  kDLFloat8_e8m0fnu = 14,    /**< Floating point of 8 bits: e8m0fnu. */
  kDLFloat6_e2m3fn = 15,     /**< Floating point of 6 bits: e2m3fn. */
  kDLFloat6_e3m2fn = 16,     /**< Floating point of 6 bits: e3m2fn. */
  kDLFloat4_e2m1fn = 17      /**< Floating point of 4 bits: e2m1fn. */
} DLDataTypeCode;

/** An element type: float32 is {kDLFloat, 32, 1}, float16 {kDLFloat, 16, 1}, bfloat16 {kDLBfloat, 16, 1}. */
typedef struct {
  uint8_t code;   /**< A DLDataTypeCode. */
  uint8_t bits;   /**< Of one lane. */
  uint16_t lanes; /**< 1, or those of a vector. */
} DLDataType;

/** A view of memory. */
typedef struct {
  void *data;           /**< An address on the device, or the handle of a buffer there. */
  DLDevice device;      /**< Where data is. */
  int32_t ndim;         /**< The rank. */
  DLDataType dtype;     /**< The element type. */
  int64_t *shape;       /**< ndim extents. */
  int64_t *strides;     /**< ndim strides in elements; NULL for row-major and dense. */
  uint64_t byte_offset; /**< From data to the first element. */
} DLTensor;

/** A tensor whose memory is given back by its deleter, as before DLPack 1.0. */
typedef struct DLManagedTensor {
  DLTensor dl_tensor;                            /**< The tensor. */
  void *manager_ctx;                             /**< The owner's. */
  void (*deleter)(struct DLManagedTensor *self); /**< Gives all back; may be NULL. */
} DLManagedTensor;

/** The memory may not be written. */
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
/** The memory is a copy that nobody else has. */
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)
/** Elements of fewer than 8 bits have a byte each. */
#define DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED (1UL << 2UL)

/** A tensor whose memory is given back by its deleter, since DLPack 1.0. */
struct DLManagedTensorVersioned {
  DLPackVersion version;                                  /**< Of the ABI. */
  void *manager_ctx;                                      /**< The owner's. */
  void (*deleter)(struct DLManagedTensorVersioned *self); /**< Gives all back; may be NULL. */
  uint64_t flags;                                         /**< Some of DLPACK_FLAG_BITMASK_*. */
  DLTensor dl_tensor;                                     /**< The tensor. */
};

#ifdef __cplusplus
}
#endif
#endif
