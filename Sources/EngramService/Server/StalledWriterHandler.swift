internal import NIOCore

/// Closes a connection whose other end has taken nothing for a while that something waits to be sent: a browser that does not read would
/// hold it for ever.
final class StalledWriterHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    private let limit: TimeAmount
    private var pendingCount = 0
    private var deadline: Scheduled<Void>?

    init(limit: TimeAmount) { self.limit = limit }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        pendingCount += 1
        if deadline == nil { schedule(context.channel) }
        let box = NIOLoopBound((handler: self, channel: context.channel), eventLoop: context.eventLoop)
        promise.futureResult.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, channel) = box.value
            handler.pendingCount -= 1
            handler.deadline?.cancel()
            handler.deadline = nil
            if handler.pendingCount > 0 { handler.schedule(channel) }
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    private func schedule(_ channel: any Channel) {
        deadline = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }
}
