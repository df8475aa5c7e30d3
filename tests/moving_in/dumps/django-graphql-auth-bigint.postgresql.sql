SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
CREATE SEQUENCE public.auth_group_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_group_id_seq OWNED BY public.auth_group.id;
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
CREATE SEQUENCE public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_group_permissions_id_seq OWNED BY public.auth_group_permissions.id;
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
CREATE SEQUENCE public.auth_permission_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_permission_id_seq OWNED BY public.auth_permission.id;
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id bigint NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
CREATE SEQUENCE public.django_admin_log_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_admin_log_id_seq OWNED BY public.django_admin_log.id;
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
CREATE SEQUENCE public.django_content_type_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_content_type_id_seq OWNED BY public.django_content_type.id;
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_migrations_id_seq OWNED BY public.django_migrations.id;
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.graphql_auth_userstatus (
    id integer NOT NULL,
    verified boolean NOT NULL,
    archived boolean NOT NULL,
    secondary_email character varying(254),
    user_id bigint NOT NULL
);
CREATE SEQUENCE public.graphql_auth_userstatus_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.graphql_auth_userstatus_id_seq OWNED BY public.graphql_auth_userstatus.id;
CREATE TABLE public.notes_note (
    id bigint NOT NULL,
    text text NOT NULL,
    author_id bigint NOT NULL
);
CREATE SEQUENCE public.notes_note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.notes_note_id_seq OWNED BY public.notes_note.id;
CREATE TABLE public.notes_note_readers (
    id bigint NOT NULL,
    note_id bigint NOT NULL,
    person_id bigint NOT NULL
);
CREATE SEQUENCE public.notes_note_readers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.notes_note_readers_id_seq OWNED BY public.notes_note_readers.id;
CREATE TABLE public.people_person (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    phone character varying(30) NOT NULL
);
CREATE TABLE public.people_person_groups (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    group_id integer NOT NULL
);
CREATE SEQUENCE public.people_person_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_person_groups_id_seq OWNED BY public.people_person_groups.id;
CREATE SEQUENCE public.people_person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_person_id_seq OWNED BY public.people_person.id;
CREATE TABLE public.people_person_user_permissions (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    permission_id integer NOT NULL
);
CREATE SEQUENCE public.people_person_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_person_user_permissions_id_seq OWNED BY public.people_person_user_permissions.id;
CREATE TABLE public.refresh_token_refreshtoken (
    id bigint NOT NULL,
    token character varying(255) NOT NULL,
    created timestamp with time zone NOT NULL,
    revoked timestamp with time zone,
    user_id bigint NOT NULL
);
CREATE SEQUENCE public.refresh_token_refreshtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.refresh_token_refreshtoken_id_seq OWNED BY public.refresh_token_refreshtoken.id;
ALTER TABLE ONLY public.auth_group ALTER COLUMN id SET DEFAULT nextval('public.auth_group_id_seq'::regclass);
ALTER TABLE ONLY public.auth_group_permissions ALTER COLUMN id SET DEFAULT nextval('public.auth_group_permissions_id_seq'::regclass);
ALTER TABLE ONLY public.auth_permission ALTER COLUMN id SET DEFAULT nextval('public.auth_permission_id_seq'::regclass);
ALTER TABLE ONLY public.django_admin_log ALTER COLUMN id SET DEFAULT nextval('public.django_admin_log_id_seq'::regclass);
ALTER TABLE ONLY public.django_content_type ALTER COLUMN id SET DEFAULT nextval('public.django_content_type_id_seq'::regclass);
ALTER TABLE ONLY public.django_migrations ALTER COLUMN id SET DEFAULT nextval('public.django_migrations_id_seq'::regclass);
ALTER TABLE ONLY public.graphql_auth_userstatus ALTER COLUMN id SET DEFAULT nextval('public.graphql_auth_userstatus_id_seq'::regclass);
ALTER TABLE ONLY public.notes_note ALTER COLUMN id SET DEFAULT nextval('public.notes_note_id_seq'::regclass);
ALTER TABLE ONLY public.notes_note_readers ALTER COLUMN id SET DEFAULT nextval('public.notes_note_readers_id_seq'::regclass);
ALTER TABLE ONLY public.people_person ALTER COLUMN id SET DEFAULT nextval('public.people_person_id_seq'::regclass);
ALTER TABLE ONLY public.people_person_groups ALTER COLUMN id SET DEFAULT nextval('public.people_person_groups_id_seq'::regclass);
ALTER TABLE ONLY public.people_person_user_permissions ALTER COLUMN id SET DEFAULT nextval('public.people_person_user_permissions_id_seq'::regclass);
ALTER TABLE ONLY public.refresh_token_refreshtoken ALTER COLUMN id SET DEFAULT nextval('public.refresh_token_refreshtoken_id_seq'::regclass);
INSERT INTO public.auth_group VALUES (1, 'Editors');
INSERT INTO public.auth_group_permissions VALUES (1, 1, 34);
INSERT INTO public.auth_permission VALUES (1, 'Can add log entry', 1, 'add_logentry');
INSERT INTO public.auth_permission VALUES (2, 'Can change log entry', 1, 'change_logentry');
INSERT INTO public.auth_permission VALUES (3, 'Can delete log entry', 1, 'delete_logentry');
INSERT INTO public.auth_permission VALUES (4, 'Can view log entry', 1, 'view_logentry');
INSERT INTO public.auth_permission VALUES (5, 'Can add permission', 2, 'add_permission');
INSERT INTO public.auth_permission VALUES (6, 'Can change permission', 2, 'change_permission');
INSERT INTO public.auth_permission VALUES (7, 'Can delete permission', 2, 'delete_permission');
INSERT INTO public.auth_permission VALUES (8, 'Can view permission', 2, 'view_permission');
INSERT INTO public.auth_permission VALUES (9, 'Can add group', 3, 'add_group');
INSERT INTO public.auth_permission VALUES (10, 'Can change group', 3, 'change_group');
INSERT INTO public.auth_permission VALUES (11, 'Can delete group', 3, 'delete_group');
INSERT INTO public.auth_permission VALUES (12, 'Can view group', 3, 'view_group');
INSERT INTO public.auth_permission VALUES (13, 'Can add content type', 4, 'add_contenttype');
INSERT INTO public.auth_permission VALUES (14, 'Can change content type', 4, 'change_contenttype');
INSERT INTO public.auth_permission VALUES (15, 'Can delete content type', 4, 'delete_contenttype');
INSERT INTO public.auth_permission VALUES (16, 'Can view content type', 4, 'view_contenttype');
INSERT INTO public.auth_permission VALUES (17, 'Can add session', 5, 'add_session');
INSERT INTO public.auth_permission VALUES (18, 'Can change session', 5, 'change_session');
INSERT INTO public.auth_permission VALUES (19, 'Can delete session', 5, 'delete_session');
INSERT INTO public.auth_permission VALUES (20, 'Can view session', 5, 'view_session');
INSERT INTO public.auth_permission VALUES (21, 'Can add refresh token', 6, 'add_refreshtoken');
INSERT INTO public.auth_permission VALUES (22, 'Can change refresh token', 6, 'change_refreshtoken');
INSERT INTO public.auth_permission VALUES (23, 'Can delete refresh token', 6, 'delete_refreshtoken');
INSERT INTO public.auth_permission VALUES (24, 'Can view refresh token', 6, 'view_refreshtoken');
INSERT INTO public.auth_permission VALUES (25, 'Can add user status', 7, 'add_userstatus');
INSERT INTO public.auth_permission VALUES (26, 'Can change user status', 7, 'change_userstatus');
INSERT INTO public.auth_permission VALUES (27, 'Can delete user status', 7, 'delete_userstatus');
INSERT INTO public.auth_permission VALUES (28, 'Can view user status', 7, 'view_userstatus');
INSERT INTO public.auth_permission VALUES (29, 'Can add user', 8, 'add_person');
INSERT INTO public.auth_permission VALUES (30, 'Can change user', 8, 'change_person');
INSERT INTO public.auth_permission VALUES (31, 'Can delete user', 8, 'delete_person');
INSERT INTO public.auth_permission VALUES (32, 'Can view user', 8, 'view_person');
INSERT INTO public.auth_permission VALUES (33, 'Can add note', 9, 'add_note');
INSERT INTO public.auth_permission VALUES (34, 'Can change note', 9, 'change_note');
INSERT INTO public.auth_permission VALUES (35, 'Can delete note', 9, 'delete_note');
INSERT INTO public.auth_permission VALUES (36, 'Can view note', 9, 'view_note');
INSERT INTO public.django_content_type VALUES (1, 'admin', 'logentry');
INSERT INTO public.django_content_type VALUES (2, 'auth', 'permission');
INSERT INTO public.django_content_type VALUES (3, 'auth', 'group');
INSERT INTO public.django_content_type VALUES (4, 'contenttypes', 'contenttype');
INSERT INTO public.django_content_type VALUES (5, 'sessions', 'session');
INSERT INTO public.django_content_type VALUES (6, 'refresh_token', 'refreshtoken');
INSERT INTO public.django_content_type VALUES (7, 'graphql_auth', 'userstatus');
INSERT INTO public.django_content_type VALUES (8, 'people', 'person');
INSERT INTO public.django_content_type VALUES (9, 'notes', 'note');
INSERT INTO public.django_migrations VALUES (1, 'contenttypes', '0001_initial', '2026-11-28 08:59:03.785222+00');
INSERT INTO public.django_migrations VALUES (2, 'contenttypes', '0002_remove_content_type_name', '2026-11-28 08:59:03.937147+00');
INSERT INTO public.django_migrations VALUES (3, 'auth', '0001_initial', '2026-11-28 08:59:04.168542+00');
INSERT INTO public.django_migrations VALUES (4, 'auth', '0002_alter_permission_name_max_length', '2026-11-28 08:59:04.211479+00');
INSERT INTO public.django_migrations VALUES (5, 'auth', '0003_alter_user_email_max_length', '2026-11-28 08:59:04.255752+00');
INSERT INTO public.django_migrations VALUES (6, 'auth', '0004_alter_user_username_opts', '2026-11-28 08:59:04.289397+00');
INSERT INTO public.django_migrations VALUES (7, 'auth', '0005_alter_user_last_login_null', '2026-11-28 08:59:04.33149+00');
INSERT INTO public.django_migrations VALUES (8, 'auth', '0006_require_contenttypes_0002', '2026-11-28 08:59:04.356794+00');
INSERT INTO public.django_migrations VALUES (9, 'auth', '0007_alter_validators_add_error_messages', '2026-11-28 08:59:04.395468+00');
INSERT INTO public.django_migrations VALUES (10, 'auth', '0008_alter_user_username_max_length', '2026-11-28 08:59:04.439558+00');
INSERT INTO public.django_migrations VALUES (11, 'auth', '0009_alter_user_last_name_max_length', '2026-11-28 08:59:04.500971+00');
INSERT INTO public.django_migrations VALUES (12, 'auth', '0010_alter_group_name_max_length', '2026-11-28 08:59:04.545468+00');
INSERT INTO public.django_migrations VALUES (13, 'auth', '0011_update_proxy_permissions', '2026-11-28 08:59:04.604398+00');
INSERT INTO public.django_migrations VALUES (14, 'auth', '0012_alter_user_first_name_max_length', '2026-11-28 08:59:04.655309+00');
INSERT INTO public.django_migrations VALUES (15, 'people', '0001_initial', '2026-11-28 08:59:04.852915+00');
INSERT INTO public.django_migrations VALUES (16, 'admin', '0001_initial', '2026-11-28 08:59:04.974382+00');
INSERT INTO public.django_migrations VALUES (17, 'admin', '0002_logentry_remove_auto_add', '2026-11-28 08:59:05.030089+00');
INSERT INTO public.django_migrations VALUES (18, 'admin', '0003_logentry_add_action_flag_choices', '2026-11-28 08:59:05.113161+00');
INSERT INTO public.django_migrations VALUES (19, 'graphql_auth', '0001_initial', '2026-11-28 08:59:05.208766+00');
INSERT INTO public.django_migrations VALUES (20, 'notes', '0001_initial', '2026-11-28 08:59:05.260357+00');
INSERT INTO public.django_migrations VALUES (21, 'notes', '0002_initial', '2026-11-28 08:59:05.453028+00');
INSERT INTO public.django_migrations VALUES (22, 'refresh_token', '0001_initial', '2026-11-28 08:59:05.658701+00');
INSERT INTO public.django_migrations VALUES (23, 'refresh_token', '0002_auto_20190130_0900', '2026-11-28 08:59:05.732348+00');
INSERT INTO public.django_migrations VALUES (24, 'sessions', '0001_initial', '2026-11-28 08:59:05.812576+00');
INSERT INTO public.graphql_auth_userstatus VALUES (1, true, false, NULL, 1);
INSERT INTO public.graphql_auth_userstatus VALUES (2, true, false, NULL, 2);
INSERT INTO public.graphql_auth_userstatus VALUES (3, false, false, NULL, 3);
INSERT INTO public.graphql_auth_userstatus VALUES (4, true, false, NULL, 4);
INSERT INTO public.graphql_auth_userstatus VALUES (5, true, false, NULL, 5);
INSERT INTO public.graphql_auth_userstatus VALUES (6, false, false, NULL, 6);
INSERT INTO public.graphql_auth_userstatus VALUES (7, true, false, NULL, 7);
INSERT INTO public.graphql_auth_userstatus VALUES (8, true, false, NULL, 8);
INSERT INTO public.graphql_auth_userstatus VALUES (9, true, false, NULL, 9);
INSERT INTO public.graphql_auth_userstatus VALUES (10, true, false, NULL, 10);
INSERT INTO public.graphql_auth_userstatus VALUES (11, false, false, NULL, 11);
INSERT INTO public.graphql_auth_userstatus VALUES (12, false, false, NULL, 12);
INSERT INTO public.graphql_auth_userstatus VALUES (13, true, false, NULL, 13);
INSERT INTO public.graphql_auth_userstatus VALUES (14, false, false, NULL, 14);
INSERT INTO public.graphql_auth_userstatus VALUES (15, true, true, NULL, 15);
INSERT INTO public.graphql_auth_userstatus VALUES (16, true, false, 'ADA@example.com', 16);
INSERT INTO public.graphql_auth_userstatus VALUES (17, true, false, 'heidi.second@example.com', 17);
INSERT INTO public.graphql_auth_userstatus VALUES (18, true, false, NULL, 18);
INSERT INTO public.notes_note VALUES (1, 'by ada', 1);
INSERT INTO public.notes_note VALUES (2, 'by Bob', 2);
INSERT INTO public.notes_note VALUES (3, 'by carol', 3);
INSERT INTO public.notes_note VALUES (4, 'by carol2', 4);
INSERT INTO public.notes_note VALUES (5, 'by dave', 5);
INSERT INTO public.notes_note VALUES (6, 'by Dave', 6);
INSERT INTO public.notes_note VALUES (7, 'by erin@example.com', 7);
INSERT INTO public.notes_note VALUES (8, 'by frank@example.com', 8);
INSERT INTO public.notes_note VALUES (9, 'by frank', 9);
INSERT INTO public.notes_note VALUES (10, 'by josé', 10);
INSERT INTO public.notes_note VALUES (11, 'by nobody', 11);
INSERT INTO public.notes_note VALUES (12, 'by nobody2', 12);
INSERT INTO public.notes_note VALUES (13, 'by banned', 13);
INSERT INTO public.notes_note VALUES (14, 'by new', 14);
INSERT INTO public.notes_note VALUES (15, 'by sleeping', 15);
INSERT INTO public.notes_note VALUES (16, 'by grace', 16);
INSERT INTO public.notes_note VALUES (17, 'by heidi', 17);
INSERT INTO public.notes_note VALUES (18, 'by quoted', 18);
INSERT INTO public.notes_note VALUES (19, 'by lost', 19);
INSERT INTO public.notes_note_readers VALUES (1, 1, 1);
INSERT INTO public.notes_note_readers VALUES (2, 2, 1);
INSERT INTO public.notes_note_readers VALUES (3, 3, 1);
INSERT INTO public.notes_note_readers VALUES (4, 4, 1);
INSERT INTO public.notes_note_readers VALUES (5, 5, 1);
INSERT INTO public.notes_note_readers VALUES (6, 6, 1);
INSERT INTO public.notes_note_readers VALUES (7, 7, 1);
INSERT INTO public.notes_note_readers VALUES (8, 8, 1);
INSERT INTO public.notes_note_readers VALUES (9, 9, 1);
INSERT INTO public.notes_note_readers VALUES (10, 10, 1);
INSERT INTO public.notes_note_readers VALUES (11, 11, 1);
INSERT INTO public.notes_note_readers VALUES (12, 12, 1);
INSERT INTO public.notes_note_readers VALUES (13, 13, 1);
INSERT INTO public.notes_note_readers VALUES (14, 14, 1);
INSERT INTO public.notes_note_readers VALUES (15, 15, 1);
INSERT INTO public.notes_note_readers VALUES (16, 16, 1);
INSERT INTO public.notes_note_readers VALUES (17, 17, 1);
INSERT INTO public.notes_note_readers VALUES (18, 18, 1);
INSERT INTO public.notes_note_readers VALUES (19, 19, 1);
INSERT INTO public.people_person VALUES (1, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-10 00:00:00+00', true, 'ada', 'Ada', '', 'ada@example.com', true, true, '2024-01-01 00:00:00+00', '+49 30 0');
INSERT INTO public.people_person VALUES (2, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-11 00:00:00+00', false, 'Bob', '', '', 'Bob@Example.COM', false, true, '2024-01-02 00:00:00+00', '+49 30 1');
INSERT INTO public.people_person VALUES (3, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', NULL, false, 'carol', '', '', 'carol@example.com', false, true, '2024-01-03 00:00:00+00', '+49 30 2');
INSERT INTO public.people_person VALUES (4, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-13 00:00:00+00', false, 'carol2', '', '', ' Carol@example.com ', false, true, '2024-01-04 00:00:00+00', '+49 30 3');
INSERT INTO public.people_person VALUES (5, 'bcrypt_sha256$$2b$12$CcIHjUeKZH9f3f4ff7W9deSUy4IfCWglLKWD1ItJRcTJrBCz9koHa', '2024-04-14 00:00:00+00', false, 'dave', '', '', 'dave@example.com', false, true, '2024-01-05 00:00:00+00', '+49 30 4');
INSERT INTO public.people_person VALUES (6, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', NULL, false, 'Dave', '', '', 'dave.other@example.com', false, true, '2024-01-06 00:00:00+00', '+49 30 5');
INSERT INTO public.people_person VALUES (7, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-16 00:00:00+00', false, 'erin@example.com', '', '', 'erin@example.com', false, true, '2024-01-07 00:00:00+00', '+49 30 6');
INSERT INTO public.people_person VALUES (8, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-17 00:00:00+00', false, 'frank@example.com', '', '', 'frank.other@example.com', false, true, '2024-01-08 00:00:00+00', '+49 30 7');
INSERT INTO public.people_person VALUES (9, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-18 00:00:00+00', false, 'frank', '', '', 'frank@example.com', false, true, '2024-01-09 00:00:00+00', '+49 30 8');
INSERT INTO public.people_person VALUES (10, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-19 00:00:00+00', false, 'josé', '', '', 'jose@bücher.example', false, true, '2024-01-10 00:00:00+00', '+49 30 9');
INSERT INTO public.people_person VALUES (11, '!hs0Ae4PJl3XKmkY96R8xYkSzwcCpwojOQv9cEefy', NULL, false, 'nobody', '', '', '', false, true, '2024-01-11 00:00:00+00', '+49 30 10');
INSERT INTO public.people_person VALUES (12, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', NULL, false, 'nobody2', '', '', '', false, true, '2024-01-12 00:00:00+00', '+49 30 11');
INSERT INTO public.people_person VALUES (13, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-22 00:00:00+00', false, 'banned', '', '', 'banned@example.com', false, false, '2024-01-13 00:00:00+00', '+49 30 12');
INSERT INTO public.people_person VALUES (14, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', NULL, false, 'new', '', '', 'new@example.com', false, false, '2024-01-14 00:00:00+00', '+49 30 13');
INSERT INTO public.people_person VALUES (15, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-24 00:00:00+00', false, 'sleeping', '', '', 'sleeping@example.com', false, true, '2024-01-15 00:00:00+00', '+49 30 14');
INSERT INTO public.people_person VALUES (16, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-25 00:00:00+00', false, 'grace', '', '', 'grace@example.com', false, true, '2024-01-16 00:00:00+00', '+49 30 15');
INSERT INTO public.people_person VALUES (17, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-26 00:00:00+00', false, 'heidi', '', '', 'heidi@example.com', true, true, '2024-01-17 00:00:00+00', '+49 30 16');
INSERT INTO public.people_person VALUES (18, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-27 00:00:00+00', false, 'quoted', '', '', '"a b"@example.com', false, true, '2024-01-18 00:00:00+00', '+49 30 17');
INSERT INTO public.people_person VALUES (19, 'pbkdf2_sha256$20000$saltsaltsalt$PwBlsJ4VLnU2wwvVq1QwONc7ER9MfuX/Ms94dUVgKj8=', '2024-04-28 00:00:00+00', false, 'lost', '', '', 'lost@example.com', false, true, '2024-01-19 00:00:00+00', '+49 30 18');
INSERT INTO public.people_person_groups VALUES (1, 1, 1);
INSERT INTO public.people_person_groups VALUES (2, 17, 1);
INSERT INTO public.people_person_user_permissions VALUES (1, 1, 30);
INSERT INTO public.people_person_user_permissions VALUES (2, 17, 30);
INSERT INTO public.refresh_token_refreshtoken VALUES (1, 'token 0 of ada', '2026-11-28 08:59:15.943985+00', NULL, 1);
INSERT INTO public.refresh_token_refreshtoken VALUES (2, 'token 1 of ada', '2026-11-28 08:59:15.955829+00', NULL, 1);
INSERT INTO public.refresh_token_refreshtoken VALUES (3, 'token 2 of ada', '2026-11-28 08:59:15.971818+00', NULL, 1);
INSERT INTO public.refresh_token_refreshtoken VALUES (4, 'token 0 of Bob', '2026-11-28 08:59:16.111658+00', NULL, 2);
INSERT INTO public.refresh_token_refreshtoken VALUES (5, 'token 1 of Bob', '2026-11-28 08:59:16.121901+00', NULL, 2);
INSERT INTO public.refresh_token_refreshtoken VALUES (6, 'token 2 of Bob', '2026-11-28 08:59:16.135639+00', NULL, 2);
INSERT INTO public.refresh_token_refreshtoken VALUES (7, 'token 0 of carol', '2026-11-28 08:59:16.224864+00', NULL, 3);
INSERT INTO public.refresh_token_refreshtoken VALUES (8, 'token 1 of carol', '2026-11-28 08:59:16.231709+00', NULL, 3);
INSERT INTO public.refresh_token_refreshtoken VALUES (9, 'token 2 of carol', '2026-11-28 08:59:16.243737+00', NULL, 3);
INSERT INTO public.refresh_token_refreshtoken VALUES (10, 'token 0 of carol2', '2026-11-28 08:59:16.336226+00', NULL, 4);
INSERT INTO public.refresh_token_refreshtoken VALUES (11, 'token 1 of carol2', '2026-11-28 08:59:16.3518+00', NULL, 4);
INSERT INTO public.refresh_token_refreshtoken VALUES (12, 'token 2 of carol2', '2026-11-28 08:59:16.355732+00', NULL, 4);
INSERT INTO public.refresh_token_refreshtoken VALUES (13, 'token 0 of dave', '2026-11-28 08:59:17.489242+00', NULL, 5);
INSERT INTO public.refresh_token_refreshtoken VALUES (14, 'token 1 of dave', '2026-11-28 08:59:17.49028+00', NULL, 5);
INSERT INTO public.refresh_token_refreshtoken VALUES (15, 'token 2 of dave', '2026-11-28 08:59:17.49123+00', NULL, 5);
INSERT INTO public.refresh_token_refreshtoken VALUES (16, 'token 0 of Dave', '2026-11-28 08:59:17.619628+00', NULL, 6);
INSERT INTO public.refresh_token_refreshtoken VALUES (17, 'token 1 of Dave', '2026-11-28 08:59:17.639855+00', NULL, 6);
INSERT INTO public.refresh_token_refreshtoken VALUES (18, 'token 2 of Dave', '2026-11-28 08:59:17.659705+00', NULL, 6);
INSERT INTO public.refresh_token_refreshtoken VALUES (19, 'token 0 of erin@example.com', '2026-11-28 08:59:17.800368+00', NULL, 7);
INSERT INTO public.refresh_token_refreshtoken VALUES (20, 'token 1 of erin@example.com', '2026-11-28 08:59:17.807661+00', NULL, 7);
INSERT INTO public.refresh_token_refreshtoken VALUES (21, 'token 2 of erin@example.com', '2026-11-28 08:59:17.81158+00', NULL, 7);
INSERT INTO public.refresh_token_refreshtoken VALUES (22, 'token 0 of frank@example.com', '2026-11-28 08:59:17.913925+00', NULL, 8);
INSERT INTO public.refresh_token_refreshtoken VALUES (23, 'token 1 of frank@example.com', '2026-11-28 08:59:17.927575+00', NULL, 8);
INSERT INTO public.refresh_token_refreshtoken VALUES (24, 'token 2 of frank@example.com', '2026-11-28 08:59:17.943696+00', NULL, 8);
INSERT INTO public.refresh_token_refreshtoken VALUES (25, 'token 0 of frank', '2026-11-28 08:59:18.035661+00', NULL, 9);
INSERT INTO public.refresh_token_refreshtoken VALUES (26, 'token 1 of frank', '2026-11-28 08:59:18.051815+00', NULL, 9);
INSERT INTO public.refresh_token_refreshtoken VALUES (27, 'token 2 of frank', '2026-11-28 08:59:18.057933+00', NULL, 9);
INSERT INTO public.refresh_token_refreshtoken VALUES (28, 'token 0 of josé', '2026-11-28 08:59:18.119893+00', NULL, 10);
INSERT INTO public.refresh_token_refreshtoken VALUES (29, 'token 1 of josé', '2026-11-28 08:59:18.121322+00', NULL, 10);
INSERT INTO public.refresh_token_refreshtoken VALUES (30, 'token 2 of josé', '2026-11-28 08:59:18.122248+00', NULL, 10);
INSERT INTO public.refresh_token_refreshtoken VALUES (31, 'token 0 of nobody', '2026-11-28 08:59:18.187648+00', NULL, 11);
INSERT INTO public.refresh_token_refreshtoken VALUES (32, 'token 1 of nobody', '2026-11-28 08:59:18.195208+00', NULL, 11);
INSERT INTO public.refresh_token_refreshtoken VALUES (33, 'token 2 of nobody', '2026-11-28 08:59:18.203829+00', NULL, 11);
INSERT INTO public.refresh_token_refreshtoken VALUES (34, 'token 0 of nobody2', '2026-11-28 08:59:18.267539+00', NULL, 12);
INSERT INTO public.refresh_token_refreshtoken VALUES (35, 'token 1 of nobody2', '2026-11-28 08:59:18.275541+00', NULL, 12);
INSERT INTO public.refresh_token_refreshtoken VALUES (36, 'token 2 of nobody2', '2026-11-28 08:59:18.283858+00', NULL, 12);
INSERT INTO public.refresh_token_refreshtoken VALUES (37, 'token 0 of banned', '2026-11-28 08:59:18.360152+00', NULL, 13);
INSERT INTO public.refresh_token_refreshtoken VALUES (38, 'token 1 of banned', '2026-11-28 08:59:18.36477+00', NULL, 13);
INSERT INTO public.refresh_token_refreshtoken VALUES (39, 'token 2 of banned', '2026-11-28 08:59:18.365788+00', NULL, 13);
INSERT INTO public.refresh_token_refreshtoken VALUES (40, 'token 0 of new', '2026-11-28 08:59:18.42817+00', NULL, 14);
INSERT INTO public.refresh_token_refreshtoken VALUES (41, 'token 1 of new', '2026-11-28 08:59:18.432801+00', NULL, 14);
INSERT INTO public.refresh_token_refreshtoken VALUES (42, 'token 2 of new', '2026-11-28 08:59:18.435931+00', NULL, 14);
INSERT INTO public.refresh_token_refreshtoken VALUES (43, 'token 0 of sleeping', '2026-11-28 08:59:18.499861+00', NULL, 15);
INSERT INTO public.refresh_token_refreshtoken VALUES (44, 'token 1 of sleeping', '2026-11-28 08:59:18.504305+00', NULL, 15);
INSERT INTO public.refresh_token_refreshtoken VALUES (45, 'token 2 of sleeping', '2026-11-28 08:59:18.505984+00', NULL, 15);
INSERT INTO public.refresh_token_refreshtoken VALUES (46, 'token 0 of grace', '2026-11-28 08:59:18.579965+00', NULL, 16);
INSERT INTO public.refresh_token_refreshtoken VALUES (47, 'token 1 of grace', '2026-11-28 08:59:18.587887+00', NULL, 16);
INSERT INTO public.refresh_token_refreshtoken VALUES (48, 'token 2 of grace', '2026-11-28 08:59:18.595814+00', NULL, 16);
INSERT INTO public.refresh_token_refreshtoken VALUES (49, 'token 0 of heidi', '2026-11-28 08:59:18.679856+00', NULL, 17);
INSERT INTO public.refresh_token_refreshtoken VALUES (50, 'token 1 of heidi', '2026-11-28 08:59:18.681788+00', NULL, 17);
INSERT INTO public.refresh_token_refreshtoken VALUES (51, 'token 2 of heidi', '2026-11-28 08:59:18.692309+00', NULL, 17);
INSERT INTO public.refresh_token_refreshtoken VALUES (52, 'token 0 of quoted', '2026-11-28 08:59:18.775795+00', NULL, 18);
INSERT INTO public.refresh_token_refreshtoken VALUES (53, 'token 1 of quoted', '2026-11-28 08:59:18.779672+00', NULL, 18);
INSERT INTO public.refresh_token_refreshtoken VALUES (54, 'token 2 of quoted', '2026-11-28 08:59:18.791725+00', NULL, 18);
INSERT INTO public.refresh_token_refreshtoken VALUES (55, 'token 0 of lost', '2026-11-28 08:59:18.862955+00', NULL, 19);
INSERT INTO public.refresh_token_refreshtoken VALUES (56, 'token 1 of lost', '2026-11-28 08:59:18.871903+00', NULL, 19);
INSERT INTO public.refresh_token_refreshtoken VALUES (57, 'token 2 of lost', '2026-11-28 08:59:18.8798+00', NULL, 19);
SELECT pg_catalog.setval('public.auth_group_id_seq', 1, true);
SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 1, true);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 36, true);
SELECT pg_catalog.setval('public.django_admin_log_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 9, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 24, true);
SELECT pg_catalog.setval('public.graphql_auth_userstatus_id_seq', 19, true);
SELECT pg_catalog.setval('public.notes_note_id_seq', 19, true);
SELECT pg_catalog.setval('public.notes_note_readers_id_seq', 19, true);
SELECT pg_catalog.setval('public.people_person_groups_id_seq', 2, true);
SELECT pg_catalog.setval('public.people_person_id_seq', 19, true);
SELECT pg_catalog.setval('public.people_person_user_permissions_id_seq', 2, true);
SELECT pg_catalog.setval('public.refresh_token_refreshtoken_id_seq', 57, true);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.graphql_auth_userstatus
    ADD CONSTRAINT graphql_auth_userstatus_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.graphql_auth_userstatus
    ADD CONSTRAINT graphql_auth_userstatus_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.notes_note
    ADD CONSTRAINT notes_note_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notes_note_readers
    ADD CONSTRAINT notes_note_readers_note_id_person_id_1d8b580c_uniq UNIQUE (note_id, person_id);
ALTER TABLE ONLY public.notes_note_readers
    ADD CONSTRAINT notes_note_readers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people_person_groups
    ADD CONSTRAINT people_person_groups_person_id_group_id_438d585f_uniq UNIQUE (person_id, group_id);
ALTER TABLE ONLY public.people_person_groups
    ADD CONSTRAINT people_person_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT people_person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people_person_user_permissions
    ADD CONSTRAINT people_person_user_permi_person_id_permission_id_c2e10f6f_uniq UNIQUE (person_id, permission_id);
ALTER TABLE ONLY public.people_person_user_permissions
    ADD CONSTRAINT people_person_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.people_person
    ADD CONSTRAINT people_person_username_key UNIQUE (username);
ALTER TABLE ONLY public.refresh_token_refreshtoken
    ADD CONSTRAINT refresh_token_refreshtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refresh_token_refreshtoken
    ADD CONSTRAINT refresh_token_refreshtoken_token_revoked_b683a545_uniq UNIQUE (token, revoked);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX notes_note_author_id_e9645357 ON public.notes_note USING btree (author_id);
CREATE INDEX notes_note_readers_note_id_45165e29 ON public.notes_note_readers USING btree (note_id);
CREATE INDEX notes_note_readers_person_id_865409c7 ON public.notes_note_readers USING btree (person_id);
CREATE INDEX people_person_groups_group_id_3ba87606 ON public.people_person_groups USING btree (group_id);
CREATE INDEX people_person_groups_person_id_b7e415fc ON public.people_person_groups USING btree (person_id);
CREATE INDEX people_person_user_permissions_permission_id_24fa752f ON public.people_person_user_permissions USING btree (permission_id);
CREATE INDEX people_person_user_permissions_person_id_755c9d0c ON public.people_person_user_permissions USING btree (person_id);
CREATE INDEX people_person_username_997612ff_like ON public.people_person USING btree (username varchar_pattern_ops);
CREATE INDEX refresh_token_refreshtoken_user_id_45383307 ON public.refresh_token_refreshtoken USING btree (user_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_people_person_id FOREIGN KEY (user_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.graphql_auth_userstatus
    ADD CONSTRAINT graphql_auth_userstatus_user_id_3feef183_fk_people_person_id FOREIGN KEY (user_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notes_note
    ADD CONSTRAINT notes_note_author_id_e9645357_fk_people_person_id FOREIGN KEY (author_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notes_note_readers
    ADD CONSTRAINT notes_note_readers_note_id_45165e29_fk_notes_note_id FOREIGN KEY (note_id) REFERENCES public.notes_note(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notes_note_readers
    ADD CONSTRAINT notes_note_readers_person_id_865409c7_fk_people_person_id FOREIGN KEY (person_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.people_person_groups
    ADD CONSTRAINT people_person_groups_group_id_3ba87606_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.people_person_groups
    ADD CONSTRAINT people_person_groups_person_id_b7e415fc_fk_people_person_id FOREIGN KEY (person_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.people_person_user_permissions
    ADD CONSTRAINT people_person_user_p_permission_id_24fa752f_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.people_person_user_permissions
    ADD CONSTRAINT people_person_user_p_person_id_755c9d0c_fk_people_pe FOREIGN KEY (person_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.refresh_token_refreshtoken
    ADD CONSTRAINT refresh_token_refreshtoken_user_id_45383307_fk_people_person_id FOREIGN KEY (user_id) REFERENCES public.people_person(id) DEFERRABLE INITIALLY DEFERRED;
