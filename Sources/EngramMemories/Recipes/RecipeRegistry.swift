/// Every recipe, by what the settings say.
///
/// A new recipe is a folder beside the others and one line here.
public enum RecipeRegistry {
    /// The recipe that `settings` ask for.
    public static func recipe(for settings: MemorySettings, threadCount: Int) -> any Recipe {
        let settings = settings.withMeantPreset
        return recipeType(for: settings).init(settings: settings, threadCount: threadCount)
    }

    private static func recipeType(for settings: MemorySettings) -> any Recipe.Type {
        switch settings.network.family.given {
        case .kernel: return KernelRecipe.self
        case .unet: return UNetRecipe.self
        case .recurrent: return settings.preset == .paper ? TrainedRecurrentRecipe.self : RecurrentRecipe.self
        case .fullyConnected, nil: break
        }
        return switch settings.preset {
        case .fast: FastRecipe.self
        case .paper: PaperRecipe.self
        case .closedForm: ClosedFormRecipe.self
        case .tournament: TournamentRecipe.self
        case .normalised: NormalisedRecipe.self
        case .discriminative: DiscriminativeRecipe.self
        }
    }
}
