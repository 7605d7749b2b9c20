internal import EngramReports
internal import Hummingbird

/// What browsers get of the program itself: style, script, icon and the description of the API, embedded in it.
enum PageAssets {
    static func style(for request: Request) -> Response {
        Reply.asset(css, type: "text/css; charset=utf-8", for: request)
    }

    static func script(for request: Request) -> Response {
        Reply.asset(PackageResources.page_js, type: "text/javascript; charset=utf-8", for: request)
    }

    static func icon(for request: Request) -> Response { Reply.asset(PackageResources.icon_svg, type: "image/svg+xml", for: request) }

    static func description(for request: Request) -> Response {
        Reply.asset(PackageResources.openapi_json, type: "application/json; charset=utf-8", for: request)
    }

    /// Colours and drawings are those of the reports.
    private static let css = Array((PageParts.colours + PageParts.plots).utf8) + PackageResources.page_css
}
