internal import EngramMemories

extension DropSettings {
    /// Keys under `predict:`.
    static let predictFields: [SettingsField<DropSettings>] = [
        .init(
            "predict.label", \.predict.label, .path.orAuto,
            "Column of a table with the labels; auto is one called class, label or target"),
        .init(
            "predict.task", \.predict.task, .choice(DropSettings.Predict.Task.self).orAuto,
            "Whether labels are classes or numbers; auto goes by the column"),
        .init(
            "predict.model", \.predict.model, .choice(DropSettings.Predict.Model.self).orAuto,
            "features: a kernel that learns which columns count; deep: the infinitely deep network; laplace: the plain kernel; network: a trained one; auto chooses by cross-validation among the first three"
        ),
        .init("predict.folds", \.predict.folds, .integer(2...20), "Folds of cross-validation", own: .atMostGiven),
        .init("predict.rounds", \.predict.rounds, .integer(0...20), "Most rounds in which a feature machine learns", own: .atMostGiven),
        .init(
            "predict.bandwidth", \.predict.bandwidth, .real(0...1e9, excludingLowerBound: true).orAuto,
            "Width L of the Laplace kernel on standardised columns; auto is chosen by cross-validation"),
        .init("predict.centered", \.predict.centered, .flag, "Subtract the mean gradient before a metric is made of gradients"),
        .init(
            "predict.dimension", \.predict.dimension, .real(1...40).orAuto,
            "Dimension for which the infinitely deep network is consistent; auto is estimated from nearest neighbours"),
    ]
}
