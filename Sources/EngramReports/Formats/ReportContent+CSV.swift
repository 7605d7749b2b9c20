extension ReportContent {
    /// The text of `training.csv`: epoch, phase, mse, learning_rate, seconds; one row per measurement of the loss.
    package var trainingCSV: String {
        var table = CSVTable(header: ["epoch", "phase", "mse", "learning_rate", "seconds"])
        for row in loss {
            table.append([
                String(row.epoch), row.phase, CSVTable.number(row.mse), CSVTable.number(row.learningRate), CSVTable.number(row.seconds),
            ])
        }
        return table.text
    }

    /// The text of `eigenvalues.csv`: owner, index, re, im, modulus, log10_modulus, phase_rad; one row per eigenvalue.
    package var eigenvaluesCSV: String {
        var table = CSVTable(header: ["owner", "index", "re", "im", "modulus", "log10_modulus", "phase_rad"])
        for row in eigenvalues {
            table.append(
                [CSVTable.name(row.owner), String(row.index)]
                    + [row.re, row.im, row.modulus, row.log10Modulus, row.phase].map(CSVTable.number))
        }
        return table.text
    }

    /// The text of `examples.csv`: example, spectral_radius, operator_norm, residual, attractor, recovered, exact, from_noise,
    /// certified_radius; one row per example.
    package var examplesCSV: String {
        var table = CSVTable(
            header: [
                "example", "spectral_radius", "operator_norm", "residual", "attractor", "recovered", "exact", "from_noise",
                "certified_radius",
            ])
        for example in examples {
            table.append(
                [CSVTable.name(example.name)] + [example.spectralRadius, example.operatorNorm, example.residual].map(CSVTable.number)
                    + [
                        example.isAttractor.map { "\($0)" } ?? "", "\(example.recovered)", "\(example.exact)", "\(example.fromNoise)",
                        CSVTable.number(example.certifiedRadius),
                    ])
        }
        return table.text
    }

    /// The text of `norm-transition.csv`: norm, spectral_radius, operator_norm, count_near_one, region; one row per norm.
    package var normTransitionCSV: String {
        var table = CSVTable(header: ["norm", "spectral_radius", "operator_norm", "count_near_one", "region"])
        for point in report.normTransition?.points ?? [] {
            table.append(
                [point.norm, point.spectralRadius, point.operatorNorm].map(CSVTable.number) + [String(point.countNearOne), point.region])
        }
        return table.text
    }

    /// The text of `learnability.csv`: mode, eigenvalue, examples, learnability; one row per mode and number of examples.
    package var learnabilityCSV: String {
        var table = CSVTable(header: ["mode", "eigenvalue", "examples", "learnability"])
        guard let study = report.learnability else { return table.text }
        for (index, mode) in study.modes.enumerated() {
            for (level, learnability) in zip(study.levels, mode.learnabilities) {
                table.append([
                    String(index), CSVTable.number(mode.eigenvalue), String(level.examples), CSVTable.number(learnability),
                ])
            }
        }
        return table.text
    }

    /// The text of `dependence.csv`: example, independent_share, learned_share, nearest, cosine; one row per example, by rising share.
    package var dependenceCSV: String {
        var table = CSVTable(header: ["example", "independent_share", "learned_share", "nearest", "cosine"])
        for item in report.learnability?.items ?? [] {
            table.append([
                CSVTable.name(item.name), CSVTable.number(item.independentShare), CSVTable.number(item.learnedShare),
                CSVTable.name(item.nearest), CSVTable.number(item.cosine),
            ])
        }
        return table.text
    }

    /// The text of `confidence.csv`: text, place, token, margin; one row per place of the texts.
    package var confidenceCSV: String {
        var table = CSVTable(header: ["text", "place", "token", "margin"])
        for row in tokens {
            table.append([CSVTable.name(row.text), String(row.place), CSVTable.name(row.token), CSVTable.number(row.margin)])
        }
        return table.text
    }

    /// The text of `states.csv`: text, place, token, pc1, pc2; one row per place of the texts.
    package var statesCSV: String {
        var table = CSVTable(header: ["text", "place", "token", "pc1", "pc2"])
        for row in tokens {
            table.append([
                CSVTable.name(row.text), String(row.place), CSVTable.name(row.token), CSVTable.number(row.x), CSVTable.number(row.y),
            ])
        }
        return table.text
    }

    /// The text of `recovery.csv`: the entries of `recovery` in `report.json`; one row per damage and criterion.
    package var recoveryCSV: String {
        var table = CSVTable(
            header: [
                "corruption", "level", "criterion", "criterion_mse", "total", "recovered", "recovered_low", "recovered_high", "right_item",
                "baseline_1nn", "baseline_hopfield",
            ])
        for row in report.recovery {
            table.append([
                row.corruption, CSVTable.number(row.level), CSVTable.number(row.criterion), CSVTable.number(row.criterionMSE),
                String(row.total), String(row.recovered), CSVTable.number(row.recoveredLow), CSVTable.number(row.recoveredHigh),
                String(row.rightItem), String(row.baseline1NN), String(row.baselineHopfield),
            ])
        }
        return table.text
    }
}
