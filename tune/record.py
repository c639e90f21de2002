"""What a run leaves in a study beside its trials, for the report: attributes of the study, all of them optional.

  cpu       the machine's CPU, by which a study is known
  reference the numbers that the ratios of the search are to: the present ones when the study began
  present   the numbers that the final comparison was against
  best      those of the best candidate
  gains     present's time over the best's, a figure a repeat of that comparison; none where the best is the present
  finalists [{"point", "ratios": to the present schedule in each case, "repeats": their means, a figure a repeat}]
  written   whether schedules/<target>.json took the best
  emulated  whether the times are an emulator's, and no speed
  cases     what candidates were timed on
  baselines   {name: {"ratio": its time over the best's, "per_case": {case: ratio}, "bits": "same" or "other" than Kiln's,
            "command"}}, or {"failure": why there is none}
"""
FIELDS = ("cpu", "reference", "present", "best", "gains", "finalists", "written", "emulated", "cases", "baselines")


def write(study, **fields):
    """`study`: Optuna's."""
    for name, value in fields.items():
        if name not in FIELDS:
            raise ValueError(f"record: no field {name}")
        study.set_user_attr(name, value)


def read(study):
    """The fields, None where a study lacks one."""
    return {name: study.user_attrs.get(name) for name in FIELDS}
