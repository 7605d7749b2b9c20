import Glibc

/// What the owner of a drop can do about an error number.
func systemRemedy(_ number: Int32) -> String {
    switch number {
    case EACCES, EPERM: "Give the service read permission (files 0644, folders 0755)."
    case ENOENT: "It was moved or deleted while being read; drop it again."
    case ENOMEM: "Free memory or raise the job's memory limit; it is tried again."
    case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n); it is tried again."
    case ENAMETOOLONG: "Shorten the name."
    default: "Check the disk or mount; it is tried again."
    }
}

/// What a codec's failed allocation is reported as.
let outOfMemoryErrorNumber = ENOMEM
