#include "call.h"

#include "arguments.h"
#include "array.h"
#include "context.h"
#include "names.h"
#include "results.h"

namespace kiln::python {
namespace {

class Call {
 public:
  explicit Call(const Operator &op) : op_(op) {}
  // What gives an array back is its producer's, and may spoil an exception that is set.
  ~Call() {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (int i = 0; i < op_.tensor_count; ++i) arrays_[i].owner.reset(nullptr);
    PyErr_Restore(type, value, traceback);
  }

  PyObject *run(PyObject *const *args, Py_ssize_t count, PyObject *keywords) {
    if (!bind(op_, args, count, keywords, given_) || !values_.read(op_, given_) || !read_tensors() || !take_inplace() ||
        !take_results())
      return nullptr;
    return read_again() && carry_out() ? results() : nullptr;
  }

 private:
  Place place(int i) const { return {op_.name, op_.parameters[i].name}; }

  bool read(int i, PyObject *object, bool writes) {
    const int at = op_.parameters[i].place;
    if (!read_array(place(i), object, writes, &stream_, &arrays_[at])) return false;
    tensors_[at] = &arrays_[at].tensor;
    reads_[at] = {object, writes, i};
    others_ = others_ || arrays_[at].by_python;
    if (writes && object == given_[i] && !is_numpy(object)) written_[written_count_++] = object;
    return true;
  }

  // Where a producer's code has run, it may have changed the arrays that were read before.
  bool read_again() {
    for (int at = 0; others_ && at < op_.tensor_count; ++at) {
      const Read &r = reads_[at];
      if (!r.object || arrays_[at].by_python) continue;
      if (!read_array(place(r.parameter), r.object, r.writes, &stream_, &arrays_[at])) return false;
    }
    return true;
  }

  bool read_tensors() {
    const bool updates = values_.writes_statistics(op_);
    for (int i = 0; i < op_.input_count; ++i) {
      const Parameter &parameter = op_.parameters[i];
      if (parameter.takes != Takes::tensor || !given_[i] || (given_[i] == Py_None && parameter.may_be_none)) continue;
      if (!read(i, given_[i], updates && parameter.role == Role::statistics)) return false;
    }
    const DLTensor &first = arrays_[0].tensor;
    if (name_of(first.dtype) && first.ndim >= 0 && first.ndim <= KILN_MAX_NDIM) return true;
    raise(op_.call(nullptr, tensors_, values_.all()));  // which refuses it, as no result can be made like it
    return false;
  }

  // Where it is asked for in place of out=, the input is the result.
  bool take_inplace() {
    const int i = op_.input_count - 1;
    if (op_.parameters[i].takes != Takes::inplace || !given_[i]) return true;
    int64_t in_place;
    if (!read_boolean(place(i), given_[i], &in_place)) return false;
    if (!in_place) return true;
    PyObject *&out = given_[op_.input_count];
    if (out && out != Py_None && out != given_[0]) return refuse(place(i), "False beside another out", given_[i]);
    out = given_[0];
    return true;
  }

  bool take_results() {
    for (int i = op_.input_count; i < op_.parameter_count; ++i)
      if (!take_result(i)) return false;
    return true;
  }

  // A result is written to the array that is given, to a new one, or it is not computed.
  bool take_result(int i) {
    const Parameter &parameter = op_.parameters[i];
    Result &result = results_[i - op_.input_count];
    PyObject *const given = given_[i];
    const bool none = given == Py_None || given == Py_False;
    if (none && !parameter.alone) {
      if (parameter.may_be_none) return true;
      return refuse(place(i), "True or an array", given);
    }
    if (given && !none && given != Py_True) {
      result.given = given;
      return read(i, given, true);
    }
    if (given == Py_True && parameter.alone) return refuse(place(i), "None or an array", given);
    // What only a call that finds statistics writes.
    if (parameter.role == Role::measured && op_.written_when >= 0 && !values_.writes_statistics(op_)) return true;
    Extents extents;
    const bool same = parameter.role == Role::output;
    if (!same && !extents_of(parameter.shape, arrays_[0].tensor, values_, &extents)) return true;
    return make_result(place(i), given_[0], arrays_[0], same ? nullptr : &extents, type_of(parameter), &result) &&
           read(i, result.made.get(), true);
  }

  DLDataType type_of(const Parameter &parameter) const {
    if (parameter.typed_as < 0) return kFloat32;
    const DLTensor *const like = tensors_[parameter.typed_as];
    return like && name_of(like->dtype) ? like->dtype : arrays_[0].tensor.dtype;
  }

  bool carry_out() {
    Owned settings;
    const kiln_context *context;
    if (!current_settings(&settings) || !context_for(settings.get(), stream_, &context)) return false;
    PyThreadState *const thread = PyEval_SaveThread();
    const kiln_status status = op_.call(context, tensors_, values_.all());
    PyEval_RestoreThread(thread);
    if (status != KILN_STATUS_OK) raise(status);
    return status == KILN_STATUS_OK && tell_written();
  }

  // To libraries that count how often an array is written.
  bool tell_written() const {
    for (int i = 0; i < written_count_; ++i) {
      Owned done(PyObject_CallFunctionObjArgs(names.written, written_[i], nullptr));
      if (!done) return false;
    }
    return true;
  }

  PyObject *take(Result &result) {
    if (result.finish) return PyObject_CallFunctionObjArgs(result.finish.get(), result.made.get(), nullptr);
    if (result.made) return result.made.release();
    return keep(result.given ? result.given : Py_None);
  }

  PyObject *results() {
    const int count = op_.parameter_count - op_.input_count;
    if (count == 1) return take(results_[0]);
    Owned tuple(PyTuple_New(count));
    for (int i = 0; tuple && i < count; ++i) {
      PyObject *const each = take(results_[i]);
      if (!each || PyTuple_SetItem(tuple.get(), i, each) < 0) return nullptr;
    }
    return tuple.release();
  }

  const Operator &op_;
  PyObject *given_[kMost];
  Values values_;
  Stream stream_;
  Array arrays_[kMost];
  DLTensor *tensors_[kMost] = {};
  struct Read {
    PyObject *object;
    bool writes;
    int parameter;
  } reads_[kMost] = {};
  bool others_ = false;
  Result results_[kMostResults];
  PyObject *written_[kMost];  // those of given_ that are not NumPy's
  int written_count_ = 0;
};

}  // namespace

PyObject *call(const Operator &op, PyObject *const *args, Py_ssize_t count, PyObject *keywords) {
  return Call(op).run(args, count, keywords);
}

}  // namespace kiln::python
