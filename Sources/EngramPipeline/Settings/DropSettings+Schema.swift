internal import EngramMemories

extension DropSettings {
    /// Every key that a drop, a rule or `--set` can give.
    static let schema = SettingsSchema<DropSettings>(
        sections: [
            ("network", "The map that is memorized with: its family, size and non-linearity."),
            ("training", "How the weights are found."),
            ("unet", "Family unet: a convolutional autoencoder of pictures; auto goes by their size and number."),
            ("closed_form", "Preset closed-form: one hidden layer that is written down; auto tries values on the drop."),
            ("recall", "Starting from noise and going back to memory."),
            ("analysis", "What is computed about the trained map."),
            ("predict", "Drops with labels: what is learned from them and how."),
            ("audio", "Recordings."),
            ("text", "Texts."),
            ("complete", "Tables with missing cells: what a guess got wrong, and how they are filled."),
            ("inpaint", "Pictures with missing pixels: how they are filled."),
            ("report", "What is published beside the recovered media."),
            ("limits", "Bounds on input, checked before memory is taken; beyond them a drop is rejected."),
        ],
        fields: topFields + networkFields + trainingFields + unetFields + closedFormFields + recallFields + analysisFields + predictFields
            + completeFields
            + inpaintFields + otherFields)

    private static let topFields: [SettingsField<DropSettings>] = [
        .init("job", \.job, .choice(Job.self).orAuto, "What is done with a drop; auto goes by what is in it"),
        .init(
            "preset", \.preset, .choice(Preset.self),
            "discriminative: exact, trained to recall from damage; tournament: the same untrained; normalised: smooth, in closed form; fast: a deep network; paper: as published, slow; closed-form: sigmoid units"
        ),
        .init(
            "kind", \.kind, .choice(Kind.self).orAuto,
            "What an example maps to: itself, or the next one; auto decides from what is in the drop"),
        .init(
            "sequence_length", \.sequenceLength, .integer(2...1_000_000).orAuto,
            "Examples in each cycle; auto takes each folder or recording as one"),
        .init("seed", \.seed, .integer(0...Int.max), "Seed of every random number; same seed, input and threads, same bytes"),
    ]

    private static let networkFields: [SettingsField<DropSettings>] = [
        .init(
            "network.family", \.network.family, .choice(DropSettings.Family.self).orAuto,
            "fully-connected: a network that is trained; kernel: a kernel machine, solved in closed form; recurrent: a network that reads a text token by token; unet: convolutions, for pictures; auto is recurrent for texts, else fully-connected"
        ),
        .init(
            "network.kernel", \.network.kernel, .choice(DropSettings.KernelName.self).orAuto,
            "Family kernel: gaussian recalls from noise; laplace does too and has a cusp at each example; ntk and nngp are those of infinitely wide networks; auto is gaussian"
        ),
        .init(
            "network.norm", \.network.norm, .real(0...1e9, excludingLowerBound: true).orAuto,
            "Family kernel: the norm r on which every state is kept, for ntk and nngp"),
        .init(
            "network.bandwidth", \.network.bandwidth, .real(0...1e9, excludingLowerBound: true).orAuto,
            "Family kernel: the width L of gaussian and laplace, on states of norm 1; auto goes by the two nearest examples"),
        .init(
            "network.ridge", \.network.ridge, .real(0...1e9).orAuto,
            "Family kernel: added to the diagonal of the kernel matrix; above 0 recall is no longer exact; auto predicts left-out examples best"
        ),
        .init("network.depth", \.network.depth, .integer(1...256).orAuto, "Number of hidden layers", own: .atMostGiven),
        .init("network.width", \.network.width, .integer(1...65_536).orAuto, "Units in each hidden layer", own: .atMostGiven),
        .init("network.activation", \.network.activation, .choice(ActivationName.self).orAuto, "Non-linearity of the hidden layers"),
    ]

    private static let trainingFields: [SettingsField<DropSettings>] = [
        .init("training.optimizer", \.training.optimizer, .choice(Optimizer.self), "Rule that changes the weights"),
        .init(
            "training.learning_rate", \.training.learningRate, .real(0...10, excludingLowerBound: true).orAuto,
            "First step size"),
        .init("training.momentum", \.training.momentum, .real(0...1), "Share of the last step that momentum keeps"),
        .init(
            "training.weight_decay", \.training.weightDecay, .real(0...10), "Weight decay of optimizer momentum_weight_decay"),
        .init(
            "training.learning_rate_schedule", \.training.learningRateSchedule, .choice(Schedule.self),
            "How the learning rate goes over each round; cosine falls to a hundredth of the first"),
        .init(
            "training.warm_up", \.training.warmUp, .integer(0...100_000_000),
            "Epochs at the start of each round over which the learning rate rises"
        ),
        .init(
            "training.batch_size", \.training.batchSize, .integer(1...100_000_000).orAuto,
            "Examples in each step; auto takes all where memory holds them", own: .atMostGiven),
        .init("training.epochs", \.training.epochs, .integer(0...100_000_000), "Most passes over the examples", own: .atMostGiven),
        .init(
            "training.target_mse", \.training.targetMSE, .real(0...1),
            "Mean squared error at which training may stop; pixels in 0 to 1, audio in -1 to 1"),
        .init(
            "training.conditioning", \.training.conditioning, .real(0...1).orAuto,
            "Exponent p of the coordinates: 0 keeps the data's geometry, 1 whitens it"),
        .init(
            "training.noise_floor", \.training.noiseFloor, .real(0...1e9).orAuto,
            "Variance of noise that cues have in each entry, in squares of the range of values; below it directions are whitened no further, and above all of them (1e6) not at all"
        ),
        .init(
            "training.noise", \.training.noise, .real(0...100).orAuto,
            "Largest noise on the training copies, in standard deviations of the coordinates, or as a share of a cue; 0 for none"),
        .init(
            "training.noise_kind", \.training.noiseKind, .choice(NoiseKind.self).orAuto,
            "coordinates: noise is added in the coordinates of training; cues: copies are damaged as cues are"),
        .init(
            "training.budget", \.training.budget, .duration(.seconds(1)...(.seconds(365 * 86_400))),
            "Longest training time; then the best result so far is published, and the report says so", own: .atMostGiven),
        .init(
            "training.exact_output_layer", \.training.exactOutputLayer, .flag,
            "Finish the output layer in closed form, so that recall is exact"),
        .init(
            "training.initializer", \.training.initializer, .choice(Initializer.self).orAuto,
            "First weights: default draws from 1/sqrt(inputs), uniform from uniform_range; ntk also scales steps; matched starts from the examples"
        ),
        .init(
            "training.uniform_range", \.training.uniformRange, .real(0...10, excludingLowerBound: true),
            "Bound a of the uniform initializer, which draws from -a to a"),
        .init(
            "training.bias_scale", \.training.biasScale, .real(0...10),
            "Standard deviation of biases of the ntk initializer; 0 leaves them out, also from training"),
    ]

    private static let unetFields: [SettingsField<DropSettings>] = [
        .init(
            "unet.levels", \.unet.levels, .integer(1...12).orAuto,
            "Levels down to the coarsest image; auto goes on until a unit sees the whole picture",
            own: .atMostGiven),
        .init(
            "unet.stride", \.unet.stride, .integer(1...4096).orAuto,
            "Pixels, in each direction, of which a level makes one; auto begins with a quarter of the picture"),
        .init(
            "unet.kernel", \.unet.kernel, .integer(1...255).orAuto, "Side of the kernels; auto is twice the stride less 1",
            own: .atMostGiven),
        .init(
            "unet.channels", \.unet.channels, .integer(1...4096).orAuto,
            "Channels of the finest hidden image; each further level has twice as many", own: .atMostGiven),
        .init(
            "unet.upsampling", \.unet.upsampling, .choice(Upsampling.self),
            "subpixel: a convolution gives all pixels of a cell, the last one solved in closed form; nearest, bilinear: then a convolution"),
        .init("unet.skips", \.unet.skips, .flag, "Whether the way back also reads the images of the way there"),
    ]

    private static let closedFormFields: [SettingsField<DropSettings>] = [
        .init(
            "closed_form.filters", \.closedForm.filters, .choice(Filters.self).orAuto,
            "Scores: inverse gives 1 for one example and 0 for the rest; whitened is centred, with exponent training.conditioning"),
        .init(
            "closed_form.steepness", \.closedForm.steepness, .real(0...10_000, excludingLowerBound: true).orAuto,
            "Steepness g of the sigmoid units; with a noise floor the least"),
        .init(
            "closed_form.threshold", \.closedForm.threshold, .real(0...1).orAuto,
            "Score at which a unit rises, 1 being its example; with a noise floor the least"),
        .init(
            "closed_form.inhibition", \.closedForm.inhibition, .real(0...100).orAuto,
            "How strongly units inhibit each other, so that mixtures activate none"),
        .init(
            "closed_form.ridge", \.closedForm.ridge, .real(0...1e12).orAuto,
            "Added to the examples' Gram matrix where they depend on each other"),
        .init("closed_form.silence", \.closedForm.silence, .choice(Silence.self).orAuto, "What the network outputs when no unit is active"),
    ]

    private static let recallFields: [SettingsField<DropSettings>] = [
        .init("recall.starts", \.recall.starts, .integer(0...100_000), "Starts from each kind of noise", own: .atMostGiven),
        .init(
            "recall.iterations", \.recall.iterations, .integer(1...100_000_000).orAuto, "Most iterations from each start", own: .atMostGiven
        ),
        .init(
            "recall.corruption", \.recall.corruption, .real(0...1),
            "Fraction of an autoencoder's cue that is replaced by noise"),
        .init(
            "recall.missing", \.cue.missing, .real(-1e12...1e12).orAuto,
            "Of a cue under recall/: the code, as its file stores it, that stands for a missing entry; auto is none"),
    ]

    private static let analysisFields: [SettingsField<DropSettings>] = [
        .init(
            "analysis.eigenvalues", \.analysis.eigenvalues, .flag, "Compute the eigenvalues at every example or round every cycle",
            own: .atMostGiven),
        .init(
            "analysis.spectra", \.analysis.spectra, .choice(DropSettings.Spectra.self),
            "All eigenvalues at every example, or the leading ones by iteration; auto is all where that takes no more than a minute or two, of closed forms seconds",
            own: .atMostGiven(order: ["leading", "auto", "all"])),
        .init(
            "analysis.recovery", \.analysis.recovery, .choice(DropSettings.Recovery.self),
            "Give damaged examples back as cues and count what is recovered; auto is quick on as many as take seconds",
            own: .atMostGiven(order: ["none", "auto", "quick", "full"])),
        .init(
            "analysis.census", \.analysis.census, .integer(0...1_000_000).orAuto,
            "Starts of each kind in the census of attractors that are no examples; auto is up to 100, 0 is none", own: .atMostGiven),
        .init(
            "analysis.foreign", \.analysis.foreign, .path.orAuto,
            "PNGs or IDX of the drop's own size that the census starts from too: an absolute path, or one in the drop's folder; auto starts from noise alone",
            own: .insideDrop),
    ]

    private static let otherFields: [SettingsField<DropSettings>] = [
        .init(
            "audio.window", \.audio.window, .duration(.milliseconds(1)...(.seconds(3600))),
            "Length of the windows that a recording is cut into"),
        .init(
            "text.unit", \.text.unit, .choice(Text.Unit.self).orAuto,
            "What a text is cut into; auto takes words, or characters where there are few spaces"),
        .init(
            "text.context", \.text.context, .integer(1...1000).orAuto,
            "Words (or characters, bytes) of a state; auto takes single ones for a recurrent network, else as many as tell every place from every other, and two more"
        ),
        .init("report.animation", \.report.animation, .flag, "Write from-noise.apng", own: .atMostGiven),
        .init("limits.max_file_bytes", \.limits.maxFileByteCount, .integer(1...Int.max), "Longest input file", own: .atMostOperators),
        .init("limits.max_samples", \.limits.maxSampleCount, .integer(1...Int.max), "Most examples in one drop", own: .atMostOperators),
        .init(
            "limits.max_image_side", \.limits.maxImageSide, .integer(1...1_000_000), "Largest width or height of an image, in pixels",
            own: .atMostOperators),
        .init(
            "limits.max_decoded_bytes", \.limits.maxDecodedByteCount, .integer(1...Int.max),
            "Most bytes that one drop may take once decoded and decompressed", own: .atMostOperators),
        .init(
            "limits.max_memory", \.limits.maxMemoryByteCount, .integer(1...Int.max).orAuto,
            "Most bytes that training and analysis may take, by an estimate beforehand; auto is what the machine has left",
            own: .atMostOperators),
    ]
}
