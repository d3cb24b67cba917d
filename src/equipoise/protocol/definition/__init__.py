"""The model of the protocol file: each class is one block of the file, its fields are the file's keys.

Nothing here knows a subject. Files are read by :mod:`equipoise.protocol.load`, which reports every problem at once.
"""

from equipoise.protocol.definition.analyses import (
    Analysis,
    Baseline,
    BaselineItem,
    Comparison,
    CoxPlan,
    CumulativeIncidencePlan,
    CutoffDate,
    FigurePlan,
    KaplanMeierPlan,
    LogRankPlan,
    Population,
    Proportion,
    Report,
    RestrictedMeanPlan,
    SelectionPlan,
    Statistics,
    Tabulation,
    WeightsPlan,
)
from equipoise.protocol.definition.blocks import (
    Block,
    Code,
    Identifier,
    Named,
    NotStated,
    RuleText,
    Statement,
    Table,
    Text,
)
from equipoise.protocol.definition.items import (
    Assay,
    Class,
    Criterion,
    Derived,
    Dispositions,
    Item,
    Visit,
)
from equipoise.protocol.definition.outcomes import (
    AdverseEvents,
    AdverseEventTable,
    Endpoint,
    Estimand,
    EventKind,
    IntercurrentEvent,
    Period,
    SpecialInterest,
)
from equipoise.protocol.definition.oversight import Efficacy, Expected, Futility, Look, Monitoring, Oversight
from equipoise.protocol.definition.path import (
    Branch,
    Consent,
    Deviation,
    Randomization,
    Step,
    Version,
)
from equipoise.protocol.definition.treatment import Arm, Course, Dose, Drug, Group, Span, Treatment
from equipoise.protocol.definition.trial import Protocol

__all__ = [
    "AdverseEventTable", "AdverseEvents", "Analysis", "Arm", "Assay", "Baseline", "BaselineItem", "Block", "Branch",
    "Class", "Code", "Comparison", "Consent", "Course", "CoxPlan", "Criterion", "CumulativeIncidencePlan", "CutoffDate",
    "Derived", "Deviation", "Dispositions", "Dose", "Drug", "Efficacy", "Endpoint", "Estimand", "EventKind", "Expected",
    "FigurePlan", "Futility", "Group", "Identifier", "IntercurrentEvent", "Item", "KaplanMeierPlan", "LogRankPlan", "Look",
    "Monitoring", "Named", "NotStated", "Oversight", "Period", "Population", "Proportion", "Protocol", "Randomization",
    "Report", "RestrictedMeanPlan", "RuleText", "SelectionPlan", "Span", "SpecialInterest", "Statement", "Statistics", "Step", "Table", "Tabulation", "Text", "Treatment",
    "Version", "Visit", "WeightsPlan",
]  # fmt: skip
