/// What happened to drops and memories over a span of time; every text is ready to be read.
public struct DigestContent: Equatable, Sendable {
    /// One drop.
    public struct Item: Equatable, Sendable {
        /// Its name.
        public var name: String
        /// When, as text.
        public var moment: String
        /// Facts or a reason.
        public var detail: String
        /// A relative address of something to look at, from the digest's folder; nil for nothing.
        public var link: String?

        /// Creates an item.
        public init(name: String, moment: String, detail: String, link: String? = nil) {
            self.name = name
            self.moment = moment
            self.detail = detail
            self.link = link
        }
    }

    /// A day's name, such as `2026-11-21`.
    public var title: String
    /// From when to when, as text.
    public var span: String
    /// Results that came out.
    public var published: [Item]
    /// Drops whose result was there already.
    public var reused: [Item]
    /// Drops that were refused.
    public var rejected: [Item]
    /// Drops that are at work or wait, whenever they came.
    public var waiting: [Item]
    /// Memories that were checked again and are not what was published.
    public var damaged: [Item]
    /// Memories that were checked again and are sound.
    public var soundCount: Int
    /// When memories were checked last, as text; nil if never.
    public var verifiedAt: String?

    /// All parts at once.
    public init(
        title: String, span: String, published: [Item], reused: [Item], rejected: [Item], waiting: [Item], damaged: [Item],
        soundCount: Int, verifiedAt: String?
    ) {
        self.title = title
        self.span = span
        self.published = published
        self.reused = reused
        self.rejected = rejected
        self.waiting = waiting
        self.damaged = damaged
        self.soundCount = soundCount
        self.verifiedAt = verifiedAt
    }
}
