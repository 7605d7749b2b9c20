extension MemorySettings {
    /// The same with the preset `fast` where a fully connected network or its training is described and no other preset is named: only it
    /// has a depth, a width, an activation, an optimiser and the like to choose.
    var withMeantPreset: MemorySettings {
        let isDense =
            network.family.given == .fullyConnected || network.family.given == .unet || network.depth.given != nil
            || network.width.given != nil
            || network.activation.given != nil
        var training = self.training
        let standard = MemorySettings(preset: .standard).training
        // What both presets have.
        (training.epochs, training.budget, training.noiseFloor) = (standard.epochs, standard.budget, standard.noiseFloor)
        return preset == .standard && (isDense || training != standard) && !hasOwnRecipe ? asFast : self
    }

    /// Whether the family says by which recipe it is made.
    private var hasOwnRecipe: Bool { network.family.given == .kernel || network.family.given == .recurrent }

    /// Whether a text is to be read token by token: by a recurrent network, which the family names, or which nobody's other choice forbids.
    ///
    /// Other presets and the sizes of fully connected networks ask for windows of tokens.
    public var readsTokensOneByOne: Bool {
        guard network.family.given == nil else { return network.family.given == .recurrent }
        let isSized = network.depth.given != nil || network.width.given != nil || network.activation.given != nil
        switch preset {
        case .paper: return true
        case .fast, .discriminative: return withMeantPreset == self && !isSized
        case .closedForm, .tournament, .normalised: return false
        }
    }

    /// The same for a set of single tokens: with a recurrent network where the family is left open.
    public var forTokens: MemorySettings {
        guard readsTokensOneByOne else { return self }
        var other = self
        other.network.family = .value(.recurrent)
        return other
    }

    /// The preset `fast`, with everything else that was given; training has the defaults of that preset where it has those of this one.
    var asFast: MemorySettings {
        var other = self
        other.preset = .fast
        if training.epochs == MemorySettings(preset: preset).training.epochs {
            other.training.epochs = MemorySettings(preset: .fast).training.epochs
        }
        return other
    }

    /// What a report says where another preset was meant than is named; nil elsewhere.
    var meantPresetNote: String? {
        let meant = withMeantPreset.preset
        return meant == preset
            ? nil
            : "The settings describe a network or a training that only the preset \(meant.rawValue) has: it was used in place of \(preset.rawValue)."
    }
}
