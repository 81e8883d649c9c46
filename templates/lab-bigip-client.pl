#!/usr/bin/perl
# imish, tmsh, bigstart, vtysh, rdexec and reboot of a lab's BIG-IP: hands its words, its terminal and its input to the unit's daemon, which
# answers. Perl, since these are called for every single command and start in 5 ms, and since every Debian has it.
#
# Frames both ways: a letter, the length in four bytes, the bytes.
#   to the daemon   h what was called   d input   z end of input   w how a program ended
#   from it         o output   e errors   i send input   r run a program   c become a program   x leave with this code
# Input is taken only when it is asked for, from a terminal no further than the end of a line: what is typed ahead belongs to whoever
# comes next.
use strict;
use warnings;
use Socket;
use POSIX ();
use IO::Handle;

my ($called) = $0 =~ m{([^/]*)$};
socket my $unit, PF_UNIX, SOCK_STREAM, 0 or exit 1;
unless (connect $unit, sockaddr_un('/run/unit.sock')) {
    print STDERR "$called: the unit is restarting\n";
    exit 1;
}

my $terminal = -t STDIN ? 1 : 0;
my ($cooked, $rows, $columns) = (undef, 24, 80);
if ($terminal) {
    my $size = "\0" x 8;
    ioctl STDIN, 0x5413, $size;    # TIOCGWINSZ
    my @size = unpack 'S4', $size;
    ($rows, $columns) = ($size[0] || $rows, $size[1] || $columns);
    $cooked = POSIX::Termios->new;
    $cooked->getattr(0);
}

sub send_frame {
    my ($kind, $bytes) = @_;
    my $all = $kind . pack('N', length $bytes) . $bytes;
    while (length $all) {
        my $sent = syswrite $unit, $all or exit 1;
        substr $all, 0, $sent, '';
    }
}

sub set_raw {
    return unless $terminal;
    my $raw = POSIX::Termios->new;
    $raw->getattr(0);
    $raw->setlflag($raw->getlflag & ~(POSIX::ICANON | POSIX::ECHO | POSIX::ISIG | POSIX::IEXTEN));
    $raw->setattr(0, POSIX::TCSANOW);
}

sub set_cooked { $cooked->setattr(0, POSIX::TCSANOW) if $terminal }

# What has been typed by now, up to a key that may end what reads it.
sub typed {
    my $more = '';
    vec($more, 0, 1) = 1;
    $_[0] = '';
    do {
        my $count = sysread STDIN, my $key, 1;
        return length $_[0] || $count unless $count;
        $_[0] .= $key;
    } while $_[0] !~ /[\x00-\x1f]$/ && select(my $ready = $more, undef, undef, 0) > 0;
    return length $_[0];
}

my $cwd = readlink('/proc/self/cwd') // '/';
send_frame 'h', join "\0", $called, $$, $cwd, $ENV{TERM} // '', $terminal, $rows, $columns, $ENV{USER} // 'root', @ARGV;
set_raw;

my ($wanted, $received) = (0, '');
while (1) {
    my $ready = '';
    vec($ready, fileno $unit, 1) = 1;
    vec($ready, 0, 1) = 1 if $wanted;
    next if select($ready, undef, undef, undef) < 0;
    if ($wanted && vec $ready, 0, 1) {
        my $typed;
        my $count = $terminal ? typed($typed) : sysread STDIN, $typed, 65536;
        $wanted = 0;
        if   ($count) { send_frame 'd', $typed }
        else          { send_frame 'z', '' }
    }
    next unless vec $ready, fileno $unit, 1;
    my $count = sysread $unit, $received, 65536, length $received;
    unless ($count) { set_cooked; exit 1 }
    while (length $received >= 5) {
        my ($kind, $length) = unpack 'aN', $received;
        last if length $received < 5 + $length;
        my $bytes = substr $received, 5, $length;
        substr $received, 0, 5 + $length, '';
        if    ($kind eq 'o') { print STDOUT $bytes; STDOUT->flush }
        elsif ($kind eq 'e') { print STDERR $bytes }
        elsif ($kind eq 'i') { $wanted = 1 }
        elsif ($kind eq 'x') { set_cooked; POSIX::_exit(unpack 'C', $bytes) }
        elsif ($kind eq 'c') {
            set_cooked;
            my @words = split /\0/, $bytes, -1;
            { no warnings; exec { $words[0] } @words }
            print STDERR "$words[0]: command not found\n";
            exit 127;
        }
        elsif ($kind eq 'r') {
            set_cooked;
            my @words = split /\0/, $bytes, -1;
            my $status = system { $words[0] } @words;
            set_raw;
            send_frame 'w', pack 'C', $status < 0 ? 127 : $status >> 8;
        }
    }
}
