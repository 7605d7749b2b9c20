extension ReportContent {
    /// The text of `training.csv`: epoch, phase, mse, learning_rate, seconds; one row per measurement of the loss.
    public var trainingCSV: String {
        var table = CSVTable(header: ["epoch", "phase", "mse", "learning_rate", "seconds"])
        for row in loss {
            table.append([
                String(row.epoch), row.phase, CSVTable.number(row.mse), CSVTable.number(row.learningRate), CSVTable.number(row.seconds),
            ])
        }
        return table.text
    }

    /// The text of `eigenvalues.csv`: owner, index, re, im, modulus, log10_modulus, phase_rad; one row per eigenvalue.
    public var eigenvaluesCSV: String {
        var table = CSVTable(header: ["owner", "index", "re", "im", "modulus", "log10_modulus", "phase_rad"])
        for row in eigenvalues {
            table.append(
                [row.owner, String(row.index)] + [row.re, row.im, row.modulus, row.log10Modulus, row.phase].map(CSVTable.number))
        }
        return table.text
    }
}
