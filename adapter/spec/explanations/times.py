"""Mistakes in how times are read."""

from adapter.spec.explanations.explanation import Explanation

TIMES = (
    Explanation(
        "TIME001",
        "error",
        "no such time zone",
        ("Zones have the names of the IANA database: Asia/Shanghai, Europe/Berlin, UTC. There is no Asia/Beijing."),
        "time: {zone: Asia/Beijing}",
        "time: {zone: Asia/Shanghai}",
    ),
    Explanation(
        "TIME002",
        "error",
        "not a format",
        (
            "A format is iso8601, rfc2822, unix, unix_ms, unix_any, or a pattern of yyyy yy MM dd HH mm ss SSS "
            "MMM XXX; other letters stand in single quotes."
        ),
        "formats: [YYYY-MM-DD]",
        "formats: [yyyy-MM-dd]",
    ),
    Explanation(
        "TIME003",
        "error",
        "no format fits",
        "None of the values that the examples have in this field fits a format, so the field is always null.",
        "formats: [yyyy-MM-dd]          # and the vendor sends 20240501",
        "formats: [yyyyMMdd]",
    ),
    Explanation(
        "TIME004",
        "warning",
        "two formats fit",
        (
            "A value of the examples fits two formats that read it as different times. The first that fits is "
            "taken; the order was perhaps not meant to decide that."
        ),
        "formats: [unix, unix_ms]",
        "formats: [unix_ms]",
    ),
    Explanation(
        "TIME005",
        "warning",
        "a year that cannot be",
        (
            "A value of the examples is read as a time before 2000 or after 2100: seconds taken for "
            "milliseconds, or the other way round."
        ),
        "formats: [unix]                # and the vendor sends 1714525200000",
        "formats: [unix_ms]",
    ),
    Explanation(
        "TIME006",
        "warning",
        "a zone that is never asked for",
        "Every format here carries its own offset. The zone is only for texts that name none.",
        "time: {zone: Asia/Shanghai, formats: [rfc2822]}",
        "time: {formats: [rfc2822]}",
    ),
    Explanation(
        "TIME007",
        "error",
        "a time without a zone",
        "A text such as 2024-05-01 09:00:00 is a different moment in every zone, and the file names none.",
        "time: {formats: [yyyy-MM-dd HH:mm:ss]}",
        "time: {zone: Asia/Shanghai, formats: [yyyy-MM-dd HH:mm:ss]}",
    ),
)
