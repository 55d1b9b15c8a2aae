/// Dates and times as regular expressions.
enum Calendar {
    /// RFC 3339, section 5.6, full-date, with the days that each month has (section 5.7 and appendix C).
    static let date = "(?:\(everyYear)|\(leapYear)-02-29)"

    private static let everyYear =
        "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        + "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    private static let leapYear =
        "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"

    /// RFC 3339, section 5.6, full-time. A leap second is inserted at 23:59:60 UTC (appendix D), and accepted in texts
    /// of that offset; with another offset it is refused, which is stricter.
    static let time =
        "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
        + "|23:59:60(?:\\.[0-9]+)?(?:[Zz]|[+-]00:00))"

    /// RFC 3339, section 5.6, date-time.
    static let dateTime = "\(date)[Tt]\(time)"

    /// RFC 3339, appendix A, duration, in capitals.
    static let duration = "P(?:(?:\(years)|\(months)|[0-9]+D)(?:T\(clock))?|T\(clock)|[0-9]+W)"

    private static let years = "[0-9]+Y(?:\(months))?"
    private static let months = "[0-9]+M(?:[0-9]+D)?"
    private static let clock = "(?:[0-9]+H(?:\(minutes))?|\(minutes)|[0-9]+S)"
    private static let minutes = "[0-9]+M(?:[0-9]+S)?"
}
