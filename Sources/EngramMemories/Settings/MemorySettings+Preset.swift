extension MemorySettings {
    /// The same with the preset `fast` where a fully connected network is described and no other preset is named: only it has a depth, a
    /// width and an activation to choose.
    var withMeantPreset: MemorySettings {
        let isDense =
            network.family.given == .fullyConnected || network.depth.given != nil || network.width.given != nil
            || network.activation.given != nil
        return preset == .standard && isDense && network.family.given != .kernel ? asFast : self
    }

    /// The preset `fast`, with everything else that was given; training has the defaults of that preset where it has those of this one.
    var asFast: MemorySettings {
        var other = self
        other.preset = .fast
        if training.epochs == MemorySettings(preset: preset).training.epochs { other.training.epochs = MemorySettings(preset: .fast).training.epochs }
        return other
    }
}
