import EngramDrops
import EngramPipeline

extension DropFolders {
    /// The folders that a configuration names, from the root: whoever keeps or reads them may be in another folder.
    init(_ pipeline: PipelineSettings) {
        self.init(
            inbox: PathText.absolute(pipeline.inbox), outbox: PathText.absolute(pipeline.outbox), state: PathText.absolute(pipeline.state))
    }
}
