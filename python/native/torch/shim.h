
// The part of PyTorch's stable C ABI that Kiln calls: functions of torch/csrc/inductor/aoti_torch/c/shim.h and
// torch/csrc/stable/c/shim.h of PyTorch 2.10, which later versions keep. They are declared here so that neither
// PyTorch's headers nor its libraries are needed to build; check_shim.cpp holds the declarations to PyTorch's own.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct AtenTensorOpaque;
using AtenTensorHandle = AtenTensorOpaque *;
class TorchLibraryOpaque;
using TorchLibraryHandle = TorchLibraryOpaque *;
struct StableListOpaque;
using StableListHandle = StableListOpaque *;
struct DeviceGuardOpaque;
using DeviceGuardHandle = DeviceGuardOpaque *;

using AOTITorchError = int32_t;  // 0: success
using StableIValue = uint64_t;   // a value, a handle, or the address of one that may be absent

extern "C" {

int32_t aoti_torch_device_type_cpu();
int32_t aoti_torch_device_type_cuda();
int32_t aoti_torch_dtype_float16();
int32_t aoti_torch_dtype_bfloat16();
int32_t aoti_torch_dtype_float32();
int32_t aoti_torch_dtype_float64();

AOTITorchError aoti_torch_delete_tensor_object(AtenTensorHandle tensor);
AOTITorchError aoti_torch_new_tensor_handle(AtenTensorHandle orig_handle, AtenTensorHandle *new_handle);
AOTITorchError aoti_torch_get_dim(AtenTensorHandle tensor, int64_t *ret_dim);
AOTITorchError aoti_torch_get_sizes(AtenTensorHandle tensor, int64_t **ret_sizes);
AOTITorchError aoti_torch_get_strides(AtenTensorHandle tensor, int64_t **ret_strides);
AOTITorchError aoti_torch_get_dtype(AtenTensorHandle tensor, int32_t *ret_dtype);
AOTITorchError aoti_torch_get_device_type(AtenTensorHandle tensor, int32_t *ret_device_type);
AOTITorchError aoti_torch_get_device_index(AtenTensorHandle tensor, int32_t *ret_device_index);
AOTITorchError torch_get_const_data_ptr(AtenTensorHandle tensor, const void **ret_data_ptr);
AOTITorchError torch_get_mutable_data_ptr(AtenTensorHandle tensor, void **ret_data_ptr);
AOTITorchError aoti_torch_empty_strided(int64_t ndim, const int64_t *sizes_ptr, const int64_t *strides_ptr,
                                        int32_t dtype, int32_t device_type, int32_t device_index,
                                        AtenTensorHandle *ret_new_tensor);
AOTITorchError aoti_torch_clone(AtenTensorHandle self, AtenTensorHandle *ret);
AOTITorchError torch_call_dispatcher(const char *opName, const char *overloadName, StableIValue *stack,
                                     uint64_t extension_build_version);

AOTITorchError torch_list_size(StableListHandle list_handle, size_t *size);
AOTITorchError torch_list_get_item(StableListHandle list_handle, size_t index, StableIValue *element);
AOTITorchError torch_delete_list(StableListHandle list_handle);

AOTITorchError torch_parallel_for(int64_t begin, int64_t end, int64_t grain_size,
                                  void (*func)(int64_t begin, int64_t end, void *ctx), void *ctx);
AOTITorchError torch_get_num_threads(uint32_t *out_num_threads);
AOTITorchError aoti_torch_create_device_guard(int32_t device_index, DeviceGuardHandle *ret_guard);
AOTITorchError aoti_torch_delete_device_guard(DeviceGuardHandle guard);

AOTITorchError aoti_torch_library_init_def(const char *ns, const char *file, uint32_t line,
                                           TorchLibraryHandle *ret_new_torch_lib);
AOTITorchError aoti_torch_library_init_impl(const char *ns, const char *k, const char *file, uint32_t line,
                                            TorchLibraryHandle *ret_new_torch_lib);
AOTITorchError aoti_torch_library_def(TorchLibraryHandle self, const char *schema);
AOTITorchError torch_library_impl(TorchLibraryHandle self, const char *name,
                                  void (*fn)(StableIValue *, uint64_t, uint64_t), uint64_t extension_build_version);
}

namespace kiln::torch {

// The version of the ABI whose conversions of values are meant: 2.10.
constexpr uint64_t kAbiVersion = (uint64_t{2} << 56) | (uint64_t{10} << 48);

}  // namespace kiln::torch
