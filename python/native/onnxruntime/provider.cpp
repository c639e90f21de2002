#include "provider.h"

#include <utility>

namespace kiln::onnx {

namespace {

// A node that is computed by itself.
class Kernel : public ort::KernelImplementation {
 public:
  Kernel(const Provider &provider, std::unique_ptr<Computation> computation)
      : provider_(provider), computation_(std::move(computation)) {
    compute = [](ort::KernelImplementation *self, ort::KernelContext *node) {
      const Kernel &kernel = *static_cast<Kernel *>(self);
      const Api &api = kernel.provider_.api();
      return api.guarded([&] { kernel.computation_->run(Call(api, kernel.provider_.context(), node)); });
    };
    release = [](ort::KernelImplementation *self) { delete static_cast<Kernel *>(self); };
  }

 private:
  const Provider &provider_;
  std::unique_ptr<Computation> computation_;
};

// Nodes that are computed as one.
class FusedNode : public ort::NodeComputeInfo {
 public:
  FusedNode(const Provider &provider, std::unique_ptr<Computation> computation, std::vector<int> inputs)
      : provider_(provider), computation_(std::move(computation)), inputs_(std::move(inputs)) {
    create_state = [](ort::NodeComputeInfo *, ort::NodeComputeContext *, void **state) -> ort::Status * {
      *state = nullptr;
      return nullptr;
    };
    compute = [](ort::NodeComputeInfo *self, void *, ort::KernelContext *node) {
      const FusedNode &fused = *static_cast<FusedNode *>(self);
      const Api &api = fused.provider_.api();
      return api.guarded([&] { fused.computation_->run(Call(api, fused.provider_.context(), node, &fused.inputs_)); });
    };
    release_state = [](ort::NodeComputeInfo *, void *) {};
  }

 private:
  const Provider &provider_;
  std::unique_ptr<Computation> computation_;
  std::vector<int> inputs_;
};

Provider &itself(ort::Ep *ep) { return *static_cast<Provider *>(ep); }

}  // namespace

Provider::Provider(const Api &api, const ort::SessionOptions *session, const ort::Logger *logger)
    : api_(api),
      logger_(logger),
      options_(api, kProviderName, session, context_),
      registry_(nullptr, RegistryRelease{&api}) {
  get_name = [](const ort::Ep *) { return kProviderName; };
  get_capability = [](ort::Ep *ep, const ort::Graph *graph, ort::GraphSupportInfo *support) {
    return itself(ep).api_.guarded([&] { itself(ep).claim(Graph(itself(ep).api_, graph), support); });
  };
  compile = [](ort::Ep *ep, const ort::Graph **patterns, const ort::Node **fused, size_t count,
               ort::NodeComputeInfo **infos, ort::Node **) {
    return itself(ep).api_.guarded([&] {
      for (size_t i = 0; i < count; i++) infos[i] = itself(ep).compiled(patterns[i], fused[i]);
    });
  };
  release_node_compute_infos = [](ort::Ep *, ort::NodeComputeInfo **infos, size_t count) {
    for (size_t i = 0; i < count; i++) delete static_cast<FusedNode *>(infos[i]);
  };
  get_kernel_registry = [](ort::Ep *ep, const ort::KernelRegistry **registry) -> ort::Status * {
    *registry = itself(ep).registry_.get();
    return nullptr;
  };
  register_kernels();
}

void Provider::claim(const Graph &graph, ort::GraphSupportInfo *support) const {
  std::set<const ort::Node *> in_patterns;
  if (options_.fuse) in_patterns = claim_patterns(graph, support);
  for (const Node &node : graph.nodes()) {
    const Operator *op = node.in_onnx_domain() ? operator_named(node.op_type()) : nullptr;
    if (op == nullptr || in_patterns.count(node.get()) || !options_.takes(op->name)) continue;
    const std::string reason = objection(node, *op, support);
    if (reason.empty())
      api_.expect_ep(ort::ep_api::add_single_node, support, node.get());
    else
      say("leaves node \"" + node.name() + "\" (" + op->name + ") to others: " + reason);
  }
}

std::set<const ort::Node *> Provider::claim_patterns(const Graph &graph, ort::GraphSupportInfo *support) const {
  std::set<const ort::Node *> taken;
  // From the last node on: a pattern with a scale ends after the same one without.
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    if (taken.count(node->get())) continue;
    const auto fusion = fusion_ending_at(graph, *node);
    if (!fusion || !options_.takes(fusion->op->name)) continue;
    api_.expect_ep(ort::ep_api::add_nodes_to_fuse, support, fusion->nodes.data(), fusion->nodes.size(), nullptr);
    taken.insert(fusion->nodes.begin(), fusion->nodes.end());
  }
  return taken;
}

ort::NodeComputeInfo *Provider::compiled(const ort::Graph *pattern, const ort::Node *fused) const {
  const Graph graph(api_, pattern);
  const Node outside(api_, fused);
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    auto fusion = fusion_ending_at(graph, *node);
    if (!fusion || fusion->nodes.size() != graph.nodes().size()) continue;
    std::vector<int> places;
    for (const ort::ValueInfo *input : fusion->inputs)
      for (size_t i = 0; i < outside.input_count(); i++)
        if (graph.same(input, outside.input(i))) {
          places.push_back(static_cast<int>(i));
          break;
        }
    if (places.size() == fusion->inputs.size())
      return new FusedNode(*this, std::move(fusion->computation), std::move(places));
  }
  throw Failure(ort::kRuntimeException, "Kiln: nodes that were claimed together are no pattern any more");
}

std::string Provider::objection(const Node &node, const Operator &op, ort::GraphSupportInfo *support) const {
  const ort::KernelDef *kernel = nullptr;
  api_.expect_ep(ort::ep_api::look_up_kernel, support, node.get(), &kernel);
  if (kernel == nullptr) return "its element type or the operator's version is none of Kiln's";
  return op.rule.objection == nullptr ? "" : op.rule.objection(node);
}

void Provider::say(const std::string &text) const {
  api_.expect(ort::api::logger_log_message, logger_, ort::kInformation, ("Kiln " + text).c_str(), __FILE__, __LINE__,
              __func__);
}

void Provider::register_kernels() {
  ort::KernelRegistry *registry = nullptr;
  api_.expect_ep(ort::ep_api::create_kernel_registry, &registry);
  registry_.reset(registry);
  sources_.reserve(operators().size());
  for (const Operator &op : operators()) register_kernel(sources_.emplace_back(KernelSource{this, &op}));
}

void Provider::register_kernel(KernelSource &source) {
  const Operator &op = *source.op;
  std::vector<const ort::DataType *> types(op.types.size());
  for (size_t i = 0; i < types.size(); i++) api_.expect_ep(ort::ep_api::get_tensor_data_type, op.types[i], &types[i]);
  const auto release_builder = [this](ort::KernelDefBuilder *made) {
    api_.call_ep(ort::ep_api::release_kernel_def_builder, made);
  };
  const auto release_kernel = [this](ort::KernelDef *made) { api_.call_ep(ort::ep_api::release_kernel_def, made); };
  ort::KernelDefBuilder *builder = nullptr;
  api_.expect_ep(ort::ep_api::create_kernel_def_builder, &builder);
  const std::unique_ptr<ort::KernelDefBuilder, decltype(release_builder)> builder_owner(builder, release_builder);
  api_.expect_ep(ort::ep_api::set_operator_type, builder, op.name);
  api_.expect_ep(ort::ep_api::set_domain, builder, "");
  api_.expect_ep(ort::ep_api::set_since_version, builder, op.rule.first, op.rule.last);
  api_.expect_ep(ort::ep_api::set_execution_provider, builder, kProviderName);
  api_.expect_ep(ort::ep_api::add_type_constraint, builder, "T", types.data(), types.size());
  const int first = 0;  // the output may take the input's place
  api_.expect_ep(ort::ep_api::add_input_output_mutable_aliases, builder, &first, &first, size_t{1});
  ort::KernelDef *kernel = nullptr;
  api_.expect_ep(ort::ep_api::build_kernel_def, builder, &kernel);
  const std::unique_ptr<ort::KernelDef, decltype(release_kernel)> kernel_owner(kernel, release_kernel);
  api_.expect_ep(ort::ep_api::add_kernel, registry_.get(), static_cast<const ort::KernelDef *>(kernel), create_kernel,
                 static_cast<void *>(&source));
}

ort::Status *Provider::create_kernel(void *source, const ort::KernelInfo *info, ort::KernelImplementation **kernel) {
  const auto &[provider, op] = *static_cast<const KernelSource *>(source);
  const Api &api = provider->api_;
  return api.guarded([&, provider = provider, op = op] {
    *kernel = new Kernel(*provider, op->rule.make(KernelAttributes(api, info)));
  });
}

}  // namespace kiln::onnx
