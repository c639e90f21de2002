// Kiln as an execution provider of one session.
#pragma once

#include <set>

#include "fusion.h"
#include "operators.h"
#include "options.h"

namespace kiln::onnx {

// The name in a session's providers.
constexpr const char *kProviderName = "KilnExecutionProvider";

class Provider : public ort::Ep {
 public:
  Provider(const Api &api, const ort::SessionOptions *session, const ort::Logger *logger);
  Provider(const Provider &) = delete;
  Provider &operator=(const Provider &) = delete;

  const Api &api() const { return api_; }
  const Context &context() const { return context_; }

 private:
  struct RegistryRelease {
    const Api *api;
    void operator()(ort::KernelRegistry *registry) const {
      api->call_ep(ort::ep_api::release_kernel_registry, registry);
    }
  };
  // An operator of this provider, as kernels of it are made.
  struct KernelSource {
    const Provider *provider;
    const Operator *op;
  };

  void claim(const Graph &graph, ort::GraphSupportInfo *support) const;
  // Claims patterns; the nodes in them.
  std::set<const ort::Node *> claim_patterns(const Graph &graph, ort::GraphSupportInfo *support) const;
  // What computes the nodes of one pattern, which have become one node.
  ort::NodeComputeInfo *compiled(const ort::Graph *pattern, const ort::Node *fused) const;
  // Why this node is left to other providers; "" where Kiln takes it.
  std::string objection(const Node &node, const Operator &op, ort::GraphSupportInfo *support) const;
  void say(const std::string &text) const;
  void register_kernels();
  void register_kernel(KernelSource &source);
  static ort::Status *create_kernel(void *source, const ort::KernelInfo *info, ort::KernelImplementation **kernel);

  const Api &api_;
  const ort::Logger *logger_;
  Context context_;
  Options options_;
  std::vector<KernelSource> sources_;
  std::unique_ptr<ort::KernelRegistry, RegistryRelease> registry_;
};

}  // namespace kiln::onnx
