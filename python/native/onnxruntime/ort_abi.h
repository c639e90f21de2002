// The part of ONNX Runtime's C ABI that this library uses, declared by itself: ONNX Runtime's wheel has no headers.
//
// The ABI is two tables of functions, which later versions lengthen at their end and never reorder, so a function is
// its place in the table and its type (Slot); and structs of functions that an execution provider fills in, whose first
// member says up to which version's members ONNX Runtime may read them. Names, places and types are those of
// onnxruntime_c_api.h and onnxruntime_ep_c_api.h of ONNX Runtime's repository (MIT licence).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ort {

// Of the ABI that is declared here: the first one with registries of kernels (ONNX Runtime 1.24).
constexpr uint32_t kApiVersion = 24;

struct Status;  // NULL is success
struct Logger;
struct Value;
struct ValueInfo;
struct TypeInfo;
struct TensorInfo;
struct Node;
struct Graph;
struct OpAttribute;
struct HardwareDevice;
struct KeyValuePairs;
struct SessionOptions;
struct KernelInfo;
struct KernelContext;
struct EpDevice;
struct DataTransfer;
struct GraphSupportInfo;
struct NodeComputeContext;
struct KernelRegistry;
struct KernelDefBuilder;
struct KernelDef;
struct DataType;

// Enumerations, as the integers that the ABI passes.
enum ErrorCode : int { kInvalidArgument = 2, kRuntimeException = 6, kNotImplemented = 9 };
enum ElementType : int { kUndefined = 0, kFloat = 1, kInt64 = 7, kFloat16 = 10, kBFloat16 = 16 };
enum AttributeType : int { kIntegerAttribute = 1, kIntegersAttribute = 2, kRealAttribute = 3 };
enum DeviceType : int { kCpuDevice = 0 };
enum LoggingLevel : int { kInformation = 1 };

struct ApiBase {
  void *const *(*get_api)(uint32_t version);  // NULL where ONNX Runtime is older
  const char *(*version)();
};

template <class Function>
struct Slot {
  size_t place;
};

// OrtApi
namespace api {
constexpr Slot<Status *(int code, const char *text)> create_status{0};
constexpr Slot<const char *(const Status *)> get_error_message{2};
constexpr Slot<Status *(Value *, void **data)> get_tensor_mutable_data{51};
constexpr Slot<Status *(const TypeInfo *, const TensorInfo **)> cast_type_info_to_tensor_info{55};
constexpr Slot<Status *(const TensorInfo *, ElementType *)> get_tensor_element_type{60};
constexpr Slot<Status *(const TensorInfo *, size_t *)> get_dimensions_count{61};
constexpr Slot<Status *(const TensorInfo *, int64_t *, size_t)> get_dimensions{62};
constexpr Slot<Status *(const KernelInfo *, const char *, float *)> kernel_info_get_attribute_float{85};
constexpr Slot<Status *(const KernelInfo *, const char *, int64_t *)> kernel_info_get_attribute_int64{86};
constexpr Slot<Status *(const KernelContext *, size_t *)> kernel_context_get_input_count{88};
constexpr Slot<Status *(const KernelContext *, size_t *)> kernel_context_get_output_count{89};
constexpr Slot<Status *(const KernelContext *, size_t, const Value **)> kernel_context_get_input{90};
constexpr Slot<Status *(KernelContext *, size_t, const int64_t *shape, size_t rank, Value **)>
    kernel_context_get_output{91};
constexpr Slot<void(Status *)> release_status{93};
constexpr Slot<Status *(const Logger *, int level, const char *text, const char *file, int line, const char *function)>
    logger_log_message{247};
constexpr Slot<Status *(const OpAttribute *, AttributeType, void *data, size_t bytes, size_t *needed)>
    read_op_attribute{272};
constexpr Slot<Status *(const KernelContext *, void (*)(void *, size_t), size_t total, size_t batches, void *)>
    kernel_context_parallel_for{274};
constexpr Slot<Status *(const ValueInfo *, const char **)> get_value_info_name{289};
constexpr Slot<Status *(const ValueInfo *, const TypeInfo **)> get_value_info_type_info{290};
constexpr Slot<void(const KeyValuePairs *, const char *const **keys, const char *const **values, size_t *count)>
    get_key_value_pairs{298};
constexpr Slot<void(KeyValuePairs *)> release_key_value_pairs{300};
constexpr Slot<DeviceType(const HardwareDevice *)> hardware_device_type{307};
constexpr Slot<void *const *()> get_ep_api{317};
constexpr Slot<Status *(const ValueInfo *, const Value **)> value_info_get_initializer_value{326};
constexpr Slot<Status *(const ValueInfo *, bool *)> value_info_is_constant_initializer{331};
constexpr Slot<Status *(const Graph *, size_t *)> graph_get_num_outputs{340};
constexpr Slot<Status *(const Graph *, const ValueInfo **, size_t)> graph_get_outputs{341};
constexpr Slot<Status *(const Graph *, size_t *)> graph_get_num_nodes{344};
constexpr Slot<Status *(const Graph *, const Node **, size_t)> graph_get_nodes{345};
constexpr Slot<Status *(const Node *, const char **)> node_get_name{349};
constexpr Slot<Status *(const Node *, const char **)> node_get_operator_type{350};
constexpr Slot<Status *(const Node *, const char **)> node_get_domain{351};
constexpr Slot<Status *(const Node *, size_t *)> node_get_num_inputs{353};
constexpr Slot<Status *(const Node *, const ValueInfo **, size_t)> node_get_inputs{354};
constexpr Slot<Status *(const Node *, size_t *)> node_get_num_outputs{355};
constexpr Slot<Status *(const Node *, const ValueInfo **, size_t)> node_get_outputs{356};
constexpr Slot<Status *(const Node *, size_t *)> node_get_num_implicit_inputs{357};
constexpr Slot<Status *(const Node *, const ValueInfo **, size_t)> node_get_implicit_inputs{358};
constexpr Slot<Status *(const Node *, const char *, const OpAttribute **)> node_get_attribute_by_name{361};
constexpr Slot<Status *(const Value *, const void **)> get_tensor_data{378};
constexpr Slot<Status *(const SessionOptions *, KeyValuePairs **)> get_session_options_config_entries{379};
constexpr Slot<bool(const TensorInfo *)> tensor_info_has_shape{390};
constexpr Slot<Status *(const Value *, ElementType *, const int64_t **shape, size_t *rank)>
    get_tensor_element_type_and_shape{414};
}  // namespace api

struct KernelImplementation;
struct NodeFusionOptions;
struct EpFactory;
using CreateKernel = Status *(*)(void *state, const KernelInfo *, KernelImplementation **);

// OrtEpApi
namespace ep_api {
constexpr Slot<Status *(EpFactory *, const HardwareDevice *, const KeyValuePairs *metadata,
                        const KeyValuePairs *options, EpDevice **)>
    create_ep_device{0};
constexpr Slot<Status *(GraphSupportInfo *, const Node *const *, size_t, const NodeFusionOptions *)> add_nodes_to_fuse{
    2};
constexpr Slot<Status *(GraphSupportInfo *, const Node *)> add_single_node{3};
constexpr Slot<Status *(KernelRegistry **)> create_kernel_registry{18};
constexpr Slot<void(KernelRegistry *)> release_kernel_registry{19};
constexpr Slot<Status *(KernelRegistry *, const KernelDef *, CreateKernel, void *state)> add_kernel{20};
constexpr Slot<Status *(KernelDefBuilder **)> create_kernel_def_builder{21};
constexpr Slot<void(KernelDefBuilder *)> release_kernel_def_builder{22};
constexpr Slot<Status *(KernelDefBuilder *, const char *)> set_operator_type{23};
constexpr Slot<Status *(KernelDefBuilder *, const char *)> set_domain{24};
constexpr Slot<Status *(KernelDefBuilder *, int first, int last)> set_since_version{25};
constexpr Slot<Status *(KernelDefBuilder *, const char *)> set_execution_provider{26};
constexpr Slot<Status *(KernelDefBuilder *, const char *, const DataType *const *, size_t)> add_type_constraint{29};
constexpr Slot<Status *(KernelDefBuilder *, const int *inputs, const int *outputs, size_t)>
    add_input_output_mutable_aliases{31};
constexpr Slot<Status *(KernelDefBuilder *, KernelDef **)> build_kernel_def{32};
constexpr Slot<void(KernelDef *)> release_kernel_def{33};
constexpr Slot<Status *(ElementType, const DataType **)> get_tensor_data_type{40};
constexpr Slot<Status *(GraphSupportInfo *, const Node *, const KernelDef **)> look_up_kernel{41};
}  // namespace ep_api

// The structs that an execution provider fills in. Members that it leaves NULL are functions it does not have.
using Absent = void (*)();

struct KernelImplementation {
  uint32_t version = kApiVersion;
  uint32_t flags = 0;
  Status *(*compute)(KernelImplementation *, KernelContext *) = nullptr;
  void (*release)(KernelImplementation *) = nullptr;
  Absent pre_pack_weight = nullptr, set_shared_pre_packed_weight = nullptr;
};

struct NodeComputeInfo {
  uint32_t version = kApiVersion;
  Status *(*create_state)(NodeComputeInfo *, NodeComputeContext *, void **state) = nullptr;
  Status *(*compute)(NodeComputeInfo *, void *state, KernelContext *) = nullptr;
  void (*release_state)(NodeComputeInfo *, void *state) = nullptr;
};

struct Ep {
  uint32_t version = kApiVersion;
  const char *(*get_name)(const Ep *) = nullptr;
  Status *(*get_capability)(Ep *, const Graph *, GraphSupportInfo *) = nullptr;
  Status *(*compile)(Ep *, const Graph **, const Node **fused, size_t count, NodeComputeInfo **,
                     Node **contexts) = nullptr;
  void (*release_node_compute_infos)(Ep *, NodeComputeInfo **, size_t) = nullptr;
  Absent get_preferred_data_layout = nullptr, should_convert_data_layout = nullptr, set_dynamic_options = nullptr;
  Absent on_run_start = nullptr, on_run_end = nullptr, create_allocator = nullptr, create_sync_stream = nullptr;
  Absent get_compiled_model_compatibility = nullptr;
  Status *(*get_kernel_registry)(Ep *, const KernelRegistry **) = nullptr;
  Absent is_concurrent_run_supported = nullptr;  // NULL: it is
};

struct EpFactory {
  uint32_t version = kApiVersion;
  const char *(*get_name)(const EpFactory *) = nullptr;
  const char *(*get_vendor)(const EpFactory *) = nullptr;
  Status *(*get_supported_devices)(EpFactory *, const HardwareDevice *const *, size_t, EpDevice **, size_t most,
                                   size_t *count) = nullptr;
  Status *(*create_ep)(EpFactory *, const HardwareDevice *const *, const KeyValuePairs *const *metadata, size_t,
                       const SessionOptions *, const Logger *, Ep **) = nullptr;
  void (*release_ep)(EpFactory *, Ep *) = nullptr;
  uint32_t (*get_vendor_id)(const EpFactory *) = nullptr;
  const char *(*get_version)(const EpFactory *) = nullptr;
  Absent validate_compiled_model = nullptr, create_allocator = nullptr, release_allocator = nullptr;
  Status *(*create_data_transfer)(EpFactory *, DataTransfer **) = nullptr;
  bool (*is_stream_aware)(const EpFactory *) = nullptr;
  Absent create_sync_stream = nullptr;
  Absent get_device_incompatibility = nullptr, create_external_resource_importer = nullptr;
  Absent get_num_custom_op_domains = nullptr, get_custom_op_domains = nullptr;
};

}  // namespace ort
